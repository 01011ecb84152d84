"""Feedback as JSON: one's own inside a query, and as reviewers see it."""

from typing import Any

from apps.queries.feedback.models import Feedback


def own_feedback_json(query: Any) -> dict[str, Any] | None:
    """The reader's own, as OwnFeedbackShape, where `visible_queries` fetched the query."""
    own: list[Feedback] = getattr(query, "own_feedback", [])
    return {
        "verdict": own[0].verdict, "reason": own[0].reason or None, "text": own[0].text, "state": own[0].state,
    } if own else None  # fmt: skip


def feedback_json(feedback: Feedback, *, with_correction: bool) -> dict[str, Any]:
    """As FeedbackShape. A correction that names what its reader may not see is left out."""
    return {
        "id": str(feedback.pk),
        "query": str(feedback.query_id),
        "question": feedback.query.question,
        "data_source": feedback.query.data_source.name,
        "person": feedback.person.email,
        "verdict": feedback.verdict,
        "reason": feedback.reason or None,
        "text": feedback.text,
        "corrected_sql": (feedback.corrected_sql or None) if with_correction else None,
        "corrected_question": (feedback.corrected_question or None) if with_correction else None,
        "state": feedback.state,
        "outcome": feedback.outcome or None,
        "note": feedback.note,
        "reviewer": feedback.reviewer and feedback.reviewer.email,
        "resolved_at": feedback.resolved_at and feedback.resolved_at.isoformat(),
        "verified_query": str(feedback.verified_query_id) if feedback.verified_query_id and with_correction else None,
        "rule": str(feedback.rule_id) if feedback.rule_id else None,
        "created_at": feedback.created_at.isoformat(),
        "updated_at": feedback.updated_at.isoformat(),
    }
