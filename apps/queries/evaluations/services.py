"""Writes on evaluations: start, cancel, sweep."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.accounts.audit import record_audit
from apps.accounts.models import Measure, Organization
from apps.accounts.principal import Principal
from apps.accounts.quotas import Payer, require_room
from apps.accounts.services.organizations import lock_organization
from apps.common.errors import Conflict, InvalidInput
from apps.datasources.models import DataSource
from apps.knowledge.models import VerifiedQuery, VerifiedQueryState
from apps.queries.evaluation.estimate import estimate
from apps.queries.evaluations.database import database_for
from apps.queries.evaluations.models import Evaluation, EvaluationCase, EvaluationStatus
from apps.queries.evaluations.recording import FREED, audit_evaluation
from apps.queries.evaluations.settings import EvaluationSettings
from apps.queries.evaluations.work import MOST_ATTEMPTS, take_evaluation, work_on
from apps.queries.seeing import visible_verified_queries
from apps.queries.steps.planning import MODEL

log = structlog.get_logger(__name__)
EVALUATION_TASK = "apps.queries.tasks.evaluate_task"  # by name: the tasks import this module
MOST_UNFINISHED = 10


@dataclass(frozen=True)
class EvaluationRequest:
    """What shall be evaluated: the approved verified queries of a source, with those proposed if wished."""

    data_source: DataSource
    settings: EvaluationSettings
    runs: int = 1
    includes_proposed: bool = False


def start_evaluation(*, principal: Principal, request: EvaluationRequest) -> Evaluation:
    """Write an evaluation down with all its cases, then wake a worker.

    Raises: InvalidInput if there is nothing to evaluate or too much, Conflict if too many wait already, QuotaExceeded
    if no model may be used any more.
    """
    with transaction.atomic():
        evaluation = save_evaluation(principal=principal, request=request)
        ring(evaluation)
    return evaluation


@transaction.atomic
def save_evaluation(*, principal: Principal, request: EvaluationRequest) -> Evaluation:
    """As `start_evaluation`, for a command that does the work itself."""
    payer = Payer(principal.organization, principal.user, principal.api_key)
    if request.settings.engine == MODEL:
        require_room(payer, (Measure.TOKENS, Measure.COST))
    questions = _questions(principal, request)
    lock_organization(principal.organization)  # counted one start at a time
    _refuse_too_many(principal.organization)
    evaluation: Evaluation = Evaluation.objects.create(
        organization=principal.organization, data_source=request.data_source, user=principal.user,
        api_key=principal.api_key, engine=request.settings.engine, models_used=request.settings.model_keys,
        threshold=request.settings.threshold, may_ask=request.settings.may_ask,
        fiscal_year_start_month=request.settings.fiscal_year_start_month, runs=request.runs,
        includes_proposed=request.includes_proposed, questions=len(questions),
        estimate=_estimate(principal, request, questions),
        schema_version=request.data_source.schema_version,
        correlation_id=str(structlog.contextvars.get_contextvars().get("correlation_id", "")),
    )  # fmt: skip
    EvaluationCase.objects.bulk_create(
        (_case(evaluation, run, position, one) for run in range(1, request.runs + 1)
         for position, one in enumerate(questions, start=1)),
        batch_size=1_000,
    )  # fmt: skip
    record_audit(
        "evaluation.started", principal=principal, target=evaluation, data_source=str(request.data_source.pk),
        settings=request.settings.says(), questions=len(questions), runs=request.runs,
    )  # fmt: skip
    log.info("evaluation_started", evaluation=str(evaluation.pk), questions=len(questions), runs=request.runs)
    return evaluation


def _questions(principal: Principal, request: EvaluationRequest) -> list[VerifiedQuery]:
    """What this person may see of what is asked for, the oldest first. Raises InvalidInput for none or too many."""
    states = [VerifiedQueryState.APPROVED]
    if request.includes_proposed:
        states.append(VerifiedQueryState.PROPOSED)
    rows = visible_verified_queries(principal).filter(data_source=request.data_source, state__in=states)
    most = settings.PARLEY.evaluation_most_cases
    found = list(rows.order_by("id")[: most + 1])
    if not found:
        message = f"{request.data_source.name} has no verified queries that you may see."
        raise InvalidInput(message, code="nothing_to_evaluate", details={"data_source": [message]})
    if len(found) * request.runs > most:
        message = f"At most {most} questions, counting each run, are put in one evaluation."
        raise InvalidInput(message, code="too_many_cases", details={"runs": [message]})
    return found


def _estimate(principal: Principal, request: EvaluationRequest, questions: Sequence[VerifiedQuery]) -> dict[str, Any]:
    """What the models will cost, by the prompts of the first questions; nothing without models."""
    models = request.settings.models
    if models is None:
        return {}
    database = database_for(principal, request.data_source, threading.Event())
    month = request.settings.fiscal_year_start_month
    contexts = (database.context(one.question, fiscal_year_start_month=month) for one in questions)
    return estimate(contexts, len(questions) * request.runs, models).as_json()


def _refuse_too_many(organization: Organization) -> None:
    waiting = Evaluation.objects.for_org(organization).exclude(ended_at__isnull=False).count()
    if waiting >= MOST_UNFINISHED:
        raise Conflict(f"{waiting} evaluations are under way already.", code="too_many_evaluations")


def _case(evaluation: Evaluation, run: int, position: int, verified: VerifiedQuery) -> EvaluationCase:
    return EvaluationCase(
        organization=evaluation.organization, evaluation=evaluation, verified_query=verified, run=run,
        position=position, question=verified.question, gold_sql=verified.sql, difficulty=verified.difficulty,
        question_class=verified.question_class,
    )  # fmt: skip


def ring(evaluation: Evaluation) -> None:
    """Wake a worker once this transaction is committed. If the broker is away, the sweeper rings later."""

    def send() -> None:
        try:
            ids = (str(evaluation.organization_id), str(evaluation.pk))
            current_app.tasks[EVALUATION_TASK].apply_async(ids, retry=False)
        except (OperationalError, OSError) as error:
            log.warning("doorbell_failed", error=type(error).__name__)

    transaction.on_commit(send)


def evaluate_for_a_while(organization: Organization, pk: Any, *, seconds: float) -> None:
    """A worker's part; then wake one for what is left of it, or for the organization's next."""
    evaluation = take_evaluation(organization, pk)
    if evaluation is None:
        return
    names = {"organization": organization.slug, "evaluation": str(pk)}
    with structlog.contextvars.bound_contextvars(correlation_id=evaluation.correlation_id, **names):
        if work_on(evaluation, seconds=seconds):
            ring(evaluation)
            return
    waiting = Evaluation.objects.for_org(organization).filter(status=EvaluationStatus.QUEUED).exclude(pk=pk)
    if following := waiting.order_by("queued_at").first():
        ring(following)


@transaction.atomic
def cancel_evaluation(evaluation: Evaluation, *, principal: Principal) -> Evaluation:
    """End an evaluation that is not finished; what was finished of it stays. Work under way stops soon after.

    Raises: Conflict if it has ended.
    """
    rows = Evaluation.objects.for_org(evaluation.organization).select_for_update(of=("self",))
    locked: Evaluation = rows.select_related("data_source", "user", "organization").get(pk=evaluation.pk)
    if locked.state.is_final:
        raise Conflict(f"This evaluation is {locked.status} already.", code="evaluation_ended")
    locked.status, locked.ended_at = EvaluationStatus.CANCELLED, timezone.now()
    locked.lease_token = locked.lease_expires_at = None
    locked.save()
    audit_evaluation(locked, "done", cancelled_by=str(principal.user.pk))
    return locked


def sweep_evaluations() -> int:
    """Wake workers for evaluations that none holds; returns how many. What lost several workers is given up."""
    count = 0
    for evaluation in Evaluation.objects.abandoned().select_related("organization").order_by("queued_at")[:100]:
        if evaluation.status == EvaluationStatus.RUNNING and evaluation.attempts >= MOST_ATTEMPTS:
            _give_up(evaluation)
            continue
        log.warning("evaluation_requeued", evaluation=str(evaluation.pk), status=evaluation.status)
        Evaluation.objects.for_org(evaluation.organization).filter(pk=evaluation.pk).update(queued_at=timezone.now())
        ring(evaluation)
        count += 1
    return count


@transaction.atomic
def _give_up(evaluation: Evaluation) -> None:
    """End an evaluation whose every worker died over it, unless one took it at this very moment."""
    now = timezone.now()
    held = Evaluation.objects.for_org(evaluation.organization).filter(
        pk=evaluation.pk, lease_token=evaluation.lease_token, status=EvaluationStatus.RUNNING, lease_expires_at__lte=now
    )
    error = "Every worker that took this evaluation was lost, so it is not tried again."
    ended = held.update(
        status=EvaluationStatus.FAILED, ended_at=now, error_code="workers_lost", error_message=error, **FREED
    )
    if ended:
        evaluation.status, evaluation.error_code = EvaluationStatus.FAILED, "workers_lost"
        audit_evaluation(evaluation, "failed")
