"""Writes on feedback: give it, with a correction that is proposed as a verified query, and resolve it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.principal import Principal
from apps.clarification.models import Rule, RuleState
from apps.common.errors import Conflict, InvalidInput
from apps.knowledge.models import VerifiedQuery, VerifiedQueryState
from apps.knowledge.verified_queries import (
    change_verified_query,
    key_of,
    propose_verified_query,
    retire_verified_query,
)
from apps.monitoring.metrics import FEEDBACK, FEEDBACK_RESOLVED
from apps.queries.evaluations.gate import approve_where_required
from apps.queries.feedback.models import Feedback, FeedbackOutcome, FeedbackState, Verdict
from apps.queries.models import Query, Status

WAITING = (VerifiedQueryState.PROPOSED, VerifiedQueryState.NEEDS_REVIEW)


@dataclass(frozen=True)
class Given:
    """What a person says of an answer. Corrected words or SQL go to a reviewer."""

    verdict: Verdict
    reason: str = ""
    text: str = ""
    corrected_sql: str = ""
    corrected_question: str = ""

    @property
    def corrects(self) -> bool:
        return bool(self.corrected_sql or self.corrected_question)

    @property
    def asks_for_a_review(self) -> bool:
        return self.verdict is Verdict.DOWN or bool(self.text) or self.corrects


@transaction.atomic
def give_feedback(*, principal: Principal, query: Query, given: Given) -> Feedback:
    """Write down what a person says of a query, in the stead of what they said before.

    Raises: Conflict if the query has not ended, InvalidInput naming what a correction lacks, UnsafeSql for SQL that
    this person may not run.
    """
    if not query.state.is_final:
        raise Conflict(f"This query is {query.status}: there is nothing to say of it yet.", code="query_not_ended")
    state = FeedbackState.OPEN if given.asks_for_a_review else FeedbackState.NOTED
    made, _ = Feedback.objects.for_org(principal.organization).get_or_create(
        organization=principal.organization, query=query, person=principal.user,
        defaults={"verdict": given.verdict, "state": state},
    )  # fmt: skip
    feedback = _locked(made)
    for name, value in vars(given).items():
        setattr(feedback, name, value)
    feedback.state, feedback.outcome, feedback.note = state, "", ""
    feedback.reviewer, feedback.resolved_at, feedback.rule = None, None, None
    feedback.verified_query = _proposed(feedback, query, given, principal)
    feedback.save()
    FEEDBACK.labels(given.verdict, query.last_run.engine if query.last_run else "").inc()
    record_audit(
        "feedback.given", principal=principal, target=feedback, query=str(query.pk), verdict=given.verdict,
        reason=given.reason, corrects=given.corrects,
    )  # fmt: skip
    return feedback


def _proposed(feedback: Feedback, query: Query, given: Given, principal: Principal) -> VerifiedQuery | None:
    """The verified query that a correction proposes: the one of an earlier correction, if nobody approved it yet."""
    earlier = feedback.verified_query
    if earlier is not None and not (_is_unreviewed(earlier) and earlier.author_id == principal.user.pk):
        earlier = None
    if not given.corrects:
        if earlier is not None:
            retire_verified_query(earlier, principal=principal)
        return None
    question, sql = _corrected(query, given)
    if earlier is not None:
        return change_verified_query(earlier, principal=principal, question=question, sql=sql)
    return propose_verified_query(principal=principal, source=query.data_source, question=question, sql=sql)


def _corrected(query: Query, given: Given) -> tuple[str, str]:
    """The whole question with the SQL that answers it."""
    sql = given.corrected_sql or (query.last_run.sql if query.last_run else "")
    if not sql:
        raise _lacking("corrected_sql", "There is no SQL yet that these words could be for.")
    question = given.corrected_question or query.question
    if follows_another(query) and key_of(question) == key_of(query.question):
        raise _lacking("corrected_question", "It was asked after another question: say it whole.")
    return question, sql


def follows_another(query: Query) -> bool:
    """Whether it may mean something only after what was asked before it."""
    if query.conversation_id is None:
        return False
    before = Query.objects.for_org(query.organization).filter(
        conversation=query.conversation_id, id__lt=query.pk, status=Status.ANSWERED
    )
    return bool(before.exists())


@transaction.atomic
def resolve_feedback(
    feedback: Feedback, *, principal: Principal, outcome: FeedbackOutcome, note: str = "",
    verified_query: VerifiedQuery | None = None, rule: Rule | None = None,
) -> Feedback:  # fmt: skip
    """Close a person's feedback with what was made of it. The verified query is approved by it, or retired where the
    correction is dismissed.

    Raises: Conflict if somebody else resolved it, or a rule or verified query is not in force; what approving raises.
    """
    locked = _locked(feedback)
    if locked.state == FeedbackState.RESOLVED:
        raise Conflict("Somebody resolved it already.", code="already_resolved")
    if _content(locked) != _content(feedback):
        raise Conflict("It was changed meanwhile; read it again.", code="changed_meanwhile")
    if outcome is FeedbackOutcome.VERIFIED_QUERY:
        locked.verified_query = _in_force(verified_query, principal)
    elif outcome is FeedbackOutcome.RULE:
        if rule is None or rule.state != RuleState.APPROVED:
            raise _lacking("rule", "Name a rule of the organization.")
        locked.rule = rule
    elif outcome is FeedbackOutcome.DISMISSED and locked.verified_query and _is_unreviewed(locked.verified_query):
        retire_verified_query(locked.verified_query, principal=principal)
    locked.state, locked.outcome, locked.note = FeedbackState.RESOLVED, outcome, note
    locked.reviewer, locked.resolved_at = principal.user, timezone.now()
    locked.save()
    FEEDBACK_RESOLVED.labels(outcome).inc()
    record_audit("feedback.resolved", principal=principal, target=locked, outcome_of_review=outcome, note=note[:200])
    return locked


def require_as_read(feedback: Feedback, read: Mapping[str, str]) -> None:
    """Raises Conflict where the correction is no longer the one that the reviewer says they have read."""
    if any(getattr(feedback, name) != text for name, text in read.items()):
        raise Conflict("It was changed meanwhile; read it again.", code="changed_meanwhile")


def _is_unreviewed(verified: VerifiedQuery) -> bool:
    """Whether nobody but its author stands or stood for it."""
    return verified.state == VerifiedQueryState.PROPOSED and verified.reviewed_at is None


def _in_force(verified: VerifiedQuery | None, principal: Principal) -> VerifiedQuery:
    if verified is None:
        raise _lacking("verified_query", "Name a verified query; this feedback corrected nothing.")
    if verified.state in WAITING:
        return approve_where_required(verified, principal=principal)
    if verified.state != VerifiedQueryState.APPROVED:
        raise Conflict(f"This verified query is {verified.state}.", code="not_in_use")
    return verified


def _content(feedback: Feedback) -> tuple[Any, ...]:
    return (
        feedback.verdict, feedback.reason, feedback.text, feedback.corrected_sql, feedback.corrected_question,
        feedback.verified_query_id,
    )  # fmt: skip


def _lacking(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, details={field: [message]})


def _locked(feedback: Feedback) -> Feedback:
    """The row as it is now, locked until the transaction ends."""
    rows = Feedback.objects.for_org(feedback.organization).select_for_update(of=("self",))
    related = ("organization", "query__data_source", "person", "reviewer", "verified_query__data_source")
    found: Feedback = rows.select_related(*related).get(pk=feedback.pk)
    return found
