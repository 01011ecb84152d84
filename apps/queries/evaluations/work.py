"""A worker's part in an evaluation: take it under a lease, put what is left of its questions, write each outcome down.

A worker works for a while and puts the evaluation back, so that organizations take turns. Whatever it finished is
written; a worker that dies costs the questions that were under way and no other.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.accounts.models import Measure, Organization
from apps.accounts.quotas import require_room
from apps.clarification.choosing import Policy
from apps.clarification.readings import Reading
from apps.common.connections import release_connection
from apps.common.errors import AppError
from apps.datasources.execution import SourceUnavailable
from apps.llm.calls import CallRecord
from apps.queries.context import Context
from apps.queries.engines import propose_readings
from apps.queries.engines.builtin import triage
from apps.queries.engines.builtin.triage import TriageKind
from apps.queries.evaluation.asking import Asked, in_order, put
from apps.queries.evaluation.folder import Example
from apps.queries.evaluation.runner import NOT_LABELLED, concluded
from apps.queries.evaluations.database import GuardedDatabase, database_now
from apps.queries.evaluations.models import Evaluation, EvaluationCase, EvaluationStatus
from apps.queries.evaluations.recording import end, finish_case, put_back
from apps.queries.evaluations.settings import EvaluationSettings, settings_of
from apps.queries.steps.planning import MODEL
from apps.queries.work.leases import LeaseLost, kept_lease, lease_end

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 3  # a question that ends three workers would end the fourth
MODEL_SECONDS = 120
MODEL_THREADS = 4
TAKING = 5_702  # the first half of our advisory locks' keys
Progress = Callable[[int], None]


def take_evaluation(organization: Organization, pk: uuid.UUID) -> Evaluation | None:
    """Take an evaluation for this worker; None if it is done or somebody else's.

    None also while another of the organization's is at work: this one stays queued.
    """
    rows = Evaluation.objects.for_org(organization)
    mine, now = rows.filter(pk=pk), timezone.now()
    free = mine.filter(status=EvaluationStatus.QUEUED) | mine.filter(
        status=EvaluationStatus.RUNNING, lease_expires_at__lte=now
    )
    with transaction.atomic():
        _one_worker_at_a_time(organization)
        if rows.filter(status=EvaluationStatus.RUNNING, lease_expires_at__gt=now).exists():
            return None
        taken = free.update(
            status=EvaluationStatus.RUNNING, lease_token=uuid.uuid4(), lease_expires_at=lease_end(),
            attempts=F("attempts") + 1,
        )  # fmt: skip
    if not taken:
        return None
    found: Evaluation = mine.select_related("organization", "user", "api_key", "data_source").get()
    return found


def _one_worker_at_a_time(organization: Organization) -> None:
    """Until this transaction ends, no other worker looks for this organization's evaluations at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [TAKING, str(organization.pk)])


def work_on(evaluation: Evaluation, *, seconds: float | None, progress: Progress = lambda finished: None) -> bool:
    """Put the questions that are left, for about so long, and record how it ended; True if a worker should go on at
    once. Where the source is away, the sweeper wakes one later.

    Whatever else the work raises ends the evaluation as failed. `progress` hears after each case how many this call has
    finished.

    Raises: LeaseLost, after writing nothing more.
    """
    started = time.monotonic()
    deadline = None if seconds is None else started + seconds
    error: AppError | None = None
    with kept_lease(evaluation) as lost:
        shift = _Shift(evaluation, settings_of(evaluation), lost, deadline)
        try:
            shift.work(progress)
        except LeaseLost:
            raise
        except Exception as raised:
            error = _told(raised, lost)
        busy_ms = round((time.monotonic() - started) * 1000)
        is_away = isinstance(error, SourceUnavailable) and evaluation.attempts < MOST_ATTEMPTS
        if is_away or (error is None and shift.cases_left()):
            put_back(evaluation, busy_ms=busy_ms)
            return not is_away
        end(evaluation, busy_ms=busy_ms, error=error)
        return False


def _told(error: Exception, lost: threading.Event) -> AppError:
    """What may be said of an error; one that nobody expected is a bug, told by its correlation id only."""
    if lost.is_set():
        raise LeaseLost from error
    if isinstance(error, AppError):
        log.warning("evaluation_failed", code=error.error_code)
        return error
    log.error("evaluation_crashed", exc_info=error)
    return AppError("Something went wrong on our side.", code="internal_error")


@dataclass
class _Shift:
    """One worker's stretch of work on one evaluation."""

    evaluation: Evaluation
    settings: EvaluationSettings
    lost: threading.Event
    deadline: float | None
    stopped_by: AppError | None = field(default=None)

    def work(self, progress: Progress) -> None:
        """Finish cases until none is left or the time is up. Raises what ends the evaluation."""
        threads = MODEL_THREADS if self.settings.engine == MODEL else 1
        for finished, (due, asked) in enumerate(in_order(self._ask, self._due(), threads), start=1):
            self._conclude(due, asked)
            progress(finished)
        if self.stopped_by:
            raise self.stopped_by

    def cases_left(self) -> bool:
        return bool(self._unfinished().exists())

    def _unfinished(self) -> "QuerySet[EvaluationCase]":
        cases: QuerySet[EvaluationCase] = EvaluationCase.objects.for_org(self.evaluation.organization)
        return cases.filter(evaluation=self.evaluation, finished_at__isnull=True)

    def _due(self) -> "Iterator[_Due]":
        """The unfinished cases as far as time, lease and quota let one begin them."""
        for case in list(self._unfinished()):
            if self.lost.is_set() or (self.deadline is not None and time.monotonic() > self.deadline):
                return
            try:
                if self.settings.engine == MODEL:
                    require_room(self.evaluation.payer, (Measure.TOKENS, Measure.COST))
                database = database_now(self.evaluation, self.lost)
            except AppError as error:  # what is under way is finished first
                self.stopped_by = error
                return
            month = self.settings.fiscal_year_start_month
            context = database.context(case.question, fiscal_year_start_month=month)
            release_connection()
            yield _Due(case, database, context)

    def _ask(self, due: "_Due") -> Asked:
        """The slow part: it touches nothing of our database."""
        return put(due.context, lambda context, record: _readings(context, due.database, self, record))

    def _conclude(self, due: "_Due", asked: Asked) -> None:
        """Compare and write down, with the rights as they are by now: a model takes minutes."""
        database = database_now(self.evaluation, self.lost)
        policy = Policy(self.settings.threshold, self.settings.may_ask)
        outcome = concluded(_example(due.case), asked, database, policy)
        if database.away:
            raise database.away[0]
        if self.lost.is_set():
            raise LeaseLost(str(self.evaluation.pk))
        finish_case(self.evaluation, due.case, outcome, asked.calls, database)


@dataclass(frozen=True)
class _Due:
    """A case that is about to be put."""

    case: EvaluationCase
    database: GuardedDatabase
    context: Context


def _readings(
    context: Context, database: GuardedDatabase, shift: _Shift, record: Callable[[CallRecord], None]
) -> Sequence[Reading]:
    """The engine's readings; none of what the journey turns away before any engine sees it."""
    kind = triage(context).kind
    is_small_talk = kind is TriageKind.SMALL_TALK and shift.settings.engine != MODEL
    if kind is TriageKind.CHANGE_REQUEST or is_small_talk:
        return ()
    return propose_readings(
        context, engine=shift.settings.engine, record_call=record, seconds=MODEL_SECONDS,
        correlation_id=shift.evaluation.correlation_id, access=database.access, models=shift.settings.models,
    )  # fmt: skip


def _example(case: EvaluationCase) -> Example:
    return Example(
        id=case.name, db_id="", question=case.question, gold=(case.gold_sql,),
        difficulty=case.difficulty or NOT_LABELLED, question_class=case.question_class,
    )  # fmt: skip
