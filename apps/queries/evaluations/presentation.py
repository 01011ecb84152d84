"""Verified queries and evaluations as JSON, the same for REST and commands."""

from typing import Any

from apps.knowledge.models import VerifiedQuery
from apps.queries.evaluation.flips import Difference, Fate
from apps.queries.evaluations.models import Evaluation, EvaluationCase, EvaluationRequirement


def verified_query_json(verified: VerifiedQuery) -> dict[str, Any]:
    """As VerifiedQueryShape. Expects data source, author and reviewer to be there already."""
    return {
        "id": str(verified.pk),
        "data_source": verified.data_source.name,
        "question": verified.question,
        "sql": verified.sql,
        "state": verified.state,
        "author": verified.author and verified.author.email,
        "reviewer": verified.reviewer and verified.reviewer.email,
        "reviewed_at": verified.reviewed_at and verified.reviewed_at.isoformat(),
        "difficulty": verified.difficulty or None,
        "class": verified.question_class or None,
        "review_reason": verified.review_reason or None,
        "schema_version": verified.schema_version,
        "is_of_current_schema": verified.schema_version == verified.data_source.schema_version,
        "created_at": verified.created_at.isoformat(),
        "updated_at": verified.updated_at.isoformat(),
    }


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """As EvaluationShape. Expects a row of `with_progress`."""
    row: Any = evaluation
    base = f"/api/v1/evaluations/{evaluation.pk}"
    return {
        "id": str(evaluation.pk),
        "data_source": evaluation.data_source.name,
        "status": evaluation.status,
        "engine": evaluation.engine,
        "models": evaluation.models_used,
        "threshold": evaluation.threshold,
        "clarification_mode": evaluation.may_ask,
        "fiscal_year_start_month": evaluation.fiscal_year_start_month,
        "runs": evaluation.runs,
        "include_proposed": evaluation.includes_proposed,
        "questions": evaluation.questions,
        "progress": {"finished": row.finished, "total": evaluation.total},
        "asked_by": evaluation.user and evaluation.user.email,
        "schema_version": evaluation.schema_version,
        "estimate": evaluation.estimate or None,
        "summary": evaluation.summary or None,
        "error": {"code": evaluation.error_code, "message": evaluation.error_message}
        if evaluation.error_code
        else None,
        "created_at": evaluation.created_at.isoformat(),
        "ended_at": evaluation.ended_at and evaluation.ended_at.isoformat(),
        "links": {"self": base, "cases": f"{base}/cases"},
    }


def case_json(case: EvaluationCase) -> dict[str, Any]:
    """As CaseShape."""
    return {
        "id": str(case.pk),
        "verified_query": case.verified_query_id and str(case.verified_query_id),
        "run": case.run,
        "question": case.question,
        "known_sql": case.gold_sql,
        "status": case.status or None,
        "sql": case.sql or None,
        "readings": case.readings,
        "asked": case.asked,
        "confidence": case.confidence,
        "correct": case.correct,
        "by_ties": case.by_ties,
        "reason": case.reason or None,
        "difficulty": case.difficulty or None,
        "class": case.question_class or None,
        "ms": case.ms,
        "tokens": {"prompt": case.prompt_tokens, "completion": case.completion_tokens},
        "cost_usd": f"{case.cost_usd.normalize():f}",
    }


def requirement_json(requirement: EvaluationRequirement | None) -> dict[str, Any]:
    """As RequirementShape."""
    return {
        "is_required": requirement is not None,
        "least_precision": requirement and requirement.least_precision,
        "least_ex": requirement and requirement.least_ex,
        "least_questions": requirement and requirement.least_questions,
        "holds_for_approvals": requirement and requirement.holds_for_approvals,
    }


def fate_of(case: EvaluationCase) -> Fate:
    """A finished case for a comparison."""
    return Fate(case.name, case.question, case.status, case.correct, case.reason, case.sql)


def difference_json(before: Evaluation, after: Evaluation, found: Difference) -> dict[str, Any]:
    """As DifferenceShape."""
    figures = ("ex", "coverage", "precision", "cost_usd", "p50_ms")
    return {
        "before": {"id": str(before.pk), **{name: before.summary.get(name) for name in figures}},
        "after": {"id": str(after.pk), **{name: after.summary.get(name) for name in figures}},
        "compared": found.compared,
        "only_before": found.only_before,
        "only_after": found.only_after,
        "by_kind": dict(found.by_kind),
        "flips": [
            {
                "verified_query": one.id, "question": one.question, "before": one.before, "after": one.after,
                "sql_before": one.sql_before or None, "sql_after": one.sql_after or None,
            }
            for one in found.flips
        ],
    }  # fmt: skip
