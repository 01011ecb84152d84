"""What a worker writes down of an evaluation, each time only while it holds its lease."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.audit import Outcome as AuditOutcome
from apps.accounts.audit import record_audit
from apps.accounts.models import Measure
from apps.accounts.quotas import charge_afterwards
from apps.common.connections import release_connection
from apps.common.errors import AppError
from apps.llm.calls import CallRecord
from apps.llm.models import ModelCall
from apps.monitoring.metrics import EVALUATIONS_ENDED
from apps.queries.evaluation.outcome import Outcome, Status
from apps.queries.evaluation.summary import summarize
from apps.queries.evaluations.database import GuardedDatabase
from apps.queries.evaluations.models import Evaluation, EvaluationCase, EvaluationStatus
from apps.queries.work.leases import lock_leased, update_leased

FREED = {"lease_token": None, "lease_expires_at": None}


def finish_case(
    evaluation: Evaluation, case: EvaluationCase, outcome: Outcome, calls: Sequence[CallRecord],
    database: GuardedDatabase,
) -> None:  # fmt: skip
    """Write down one outcome and charge what it cost, once: a case that is finished stays as it is.

    Raises: LeaseLost.
    """
    read = database.footprint()
    with transaction.atomic():
        lock_leased(evaluation)
        unfinished = EvaluationCase.objects.for_org(evaluation.organization).filter(pk=case.pk, finished_at=None)
        written = unfinished.update(
            **_fields_of(outcome), policy=database.access.policy, reads=read.reads, limits=read.limits,
            finished_at=timezone.now(),
        )  # fmt: skip
        update_leased(evaluation, attempts=0)  # it came on: workers lost before this do not count any more
        if written:
            ModelCall.objects.bulk_create(_call_row(evaluation, case, call) for call in calls)
            _charge(evaluation, case, outcome)
    release_connection()


def _fields_of(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status, "sql": outcome.sql, "readings": list(outcome.readings),
        "asked": outcome.status is Status.ASKED, "confidence": outcome.confidence, "correct": outcome.correct,
        "by_ties": outcome.by_ties, "published": outcome.published, "reason": outcome.reason[:50],
        "difficulty": outcome.difficulty, "question_class": outcome.question_class,
        "ms": round(outcome.milliseconds, 2), "prompt_tokens": outcome.prompt_tokens,
        "completion_tokens": outcome.completion_tokens, "cost_usd": outcome.cost_usd,
    }  # fmt: skip


def outcome_of(case: EvaluationCase) -> Outcome:
    """A finished case as the outcome that it was."""
    return Outcome(
        id=case.name, db_id="", status=Status(case.status), sql=case.sql, readings=tuple(case.readings),
        confidence=case.confidence or 0.0, correct=case.correct, reason=case.reason, difficulty=case.difficulty,
        milliseconds=case.ms or 0.0, question=case.question, question_class=case.question_class, run=case.run,
        published=case.published, by_ties=case.by_ties, cost_usd=case.cost_usd, prompt_tokens=case.prompt_tokens,
        completion_tokens=case.completion_tokens,
    )  # fmt: skip


def outcomes_of(evaluation: Evaluation) -> list[Outcome]:
    """The outcomes of all finished cases, run by run."""
    cases = EvaluationCase.objects.for_org(evaluation.organization).filter(evaluation=evaluation)
    return [outcome_of(case) for case in cases.filter(finished_at__isnull=False)]


def _call_row(evaluation: Evaluation, case: EvaluationCase, call: CallRecord) -> ModelCall:
    return ModelCall(
        organization=evaluation.organization, run_id=case.pk, purpose=call.purpose, model=call.model,
        outcome=call.outcome, prompt_tokens=call.prompt_tokens, completion_tokens=call.completion_tokens,
        cost_usd=call.cost_usd, duration_ms=call.duration_ms, attempts=call.attempts,
        correlation_id=evaluation.correlation_id,
    )  # fmt: skip


def _charge(evaluation: Evaluation, case: EvaluationCase, outcome: Outcome) -> None:
    reference = f"evaluation-case:{case.pk}"
    tokens = outcome.prompt_tokens + outcome.completion_tokens
    charge_afterwards(evaluation.payer, Measure.TOKENS, tokens, reference=reference)
    charge_afterwards(evaluation.payer, Measure.COST, Decimal(outcome.cost_usd), reference=reference)


def put_back(evaluation: Evaluation, *, busy_ms: int) -> None:
    """Let go of an evaluation that is not finished: the next worker goes on with it. Raises LeaseLost."""
    update_leased(
        evaluation, status=EvaluationStatus.QUEUED, queued_at=timezone.now(), busy_ms=evaluation.busy_ms + busy_ms,
        **FREED,
    )  # fmt: skip


def end(evaluation: Evaluation, *, busy_ms: int, error: AppError | None = None) -> None:
    """Record that an evaluation is done, or why it is not, with the figures of what was finished. Raises LeaseLost."""
    status = EvaluationStatus.DONE if error is None else EvaluationStatus.FAILED
    total_ms = evaluation.busy_ms + busy_ms
    with transaction.atomic():
        lock_leased(evaluation)
        summary = summarize(outcomes_of(evaluation), seconds=total_ms / 1000)
        update_leased(
            evaluation, status=status, summary=summary, busy_ms=total_ms, ended_at=timezone.now(),
            error_code=error.error_code if error else "", error_message=error.message if error else "", **FREED,
        )  # fmt: skip
        audit_evaluation(evaluation, "done" if error is None else "failed")
    EVALUATIONS_ENDED.labels(status, evaluation.engine).inc()
    release_connection()


def audit_evaluation(evaluation: Evaluation, outcome: AuditOutcome, **details: Any) -> None:
    """Who had which source evaluated, and with what outcome; last in its transaction."""
    told = {name: evaluation.summary[name] for name in ("n", "ex", "precision", "cost_usd") if evaluation.summary}
    record_audit(
        f"evaluation.{evaluation.status}", organization=evaluation.organization, actor=evaluation.user,
        api_key=evaluation.api_key, target=evaluation, outcome=outcome, data_source=str(evaluation.data_source_id),
        engine=evaluation.engine, code=evaluation.error_code or None, **told, **details,
    )  # fmt: skip
