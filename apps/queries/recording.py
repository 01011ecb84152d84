"""The frame around a run: the only part of the journey that writes to our database.

It holds a connection only while it writes. Steps are plain functions; `@journey_step` says how each is recorded.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, ParamSpec, TypeVar

import structlog
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.audit import Outcome, record_audit
from apps.accounts.models import Measure
from apps.accounts.quotas import charge_afterwards
from apps.clarification.models import Clarification
from apps.common.connections import release_connection
from apps.common.errors import AppError
from apps.datasources.access import Access
from apps.datasources.footprints import Footprint, footprint
from apps.datasources.guard import SafeSql, UnsafeSql
from apps.datasources.kept_results import Fetched
from apps.llm.calls import CallRecord
from apps.monitoring.metrics import RUN_SECONDS, RUNS_ENDED, STAGE_SECONDS
from apps.queries.calls_made import call_json, save_calls
from apps.queries.charts import ChartDraft
from apps.queries.models import Chart, Query, Result, Run, Stage, Status, Step
from apps.queries.outcomes import CannotAnswer, Refused
from apps.queries.step_kinds import StepKind, StepNote
from apps.queries.work.leases import LeaseLost, kept_lease, lock_leased, update_leased

log = structlog.get_logger(__name__)
Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")
MIXED_POLICIES = "mixed"  # a run whose policy changed on its way: no one policy covers all its steps
FIRST_STEPS = 2  # the policy is known once the first step is done


class RunRecorder:
    """Records one run of one query while a worker holds its lease."""

    def __init__(self, query: Query, run: Run, lost: threading.Event) -> None:
        self.query = query
        self.run = run
        self.lost = lost
        self._started = time.monotonic()
        self._calls: list[CallRecord] = []
        self._next_step = (run.steps.aggregate(last=Max("number"))["last"] or 0) + 1

    def step(self, function: Callable[..., Value], *args: Any, **kwargs: Any) -> Value:
        """Call a step function and record it as it ends, also when it raises."""
        kind: StepKind = function.step_kind  # type: ignore[attr-defined]
        self._enter(kind.stage)
        started = time.perf_counter()
        try:
            value = function(*args, **kwargs)
        except AppError as error:
            self._write(kind, StepNote(error.message, {"code": error.error_code}), "failed", started)
            raise
        except LeaseLost:
            raise
        except Exception:
            self._write(kind, StepNote("Something went wrong here.", {"code": "internal_error"}), "failed", started)
            raise
        self._write(kind, kind.note(value), "ok", started)
        return value

    def record_call(self, call: CallRecord) -> None:
        """Take note of a model call; it is written with the step that made it."""
        self._calls.append(call)

    def wait_for(self, ask_back: Callable[[], Clarification]) -> None:
        """End this worker's part: the query goes on when the clarification that `ask_back` opens is closed.

        Both are written or neither, under the query's lock: a clarification never stays behind without its query.
        """
        with transaction.atomic():
            lock_leased(self.query)
            clarification = ask_back()
            self._end_run(Status.NEEDS_CLARIFICATION, ended=False)
            update_leased(self.query, clarification=clarification, **self._freed(Status.NEEDS_CLARIFICATION))

    def finish(self, fetched: Fetched, answer: str, charts: Sequence[ChartDraft], **fields: Any) -> None:
        """Record the answer; from here on the query is answered, whatever happens to this worker."""
        result = fetched.result
        with transaction.atomic():
            rows = result.to_json_rows()
            columns = [{"name": column.name, "type": column.type.value} for column in result.columns]
            Result.objects.create(
                organization=self.run.organization, run=self.run, columns=columns, rows=rows,
                row_count=result.row_count, truncated=result.truncated, sql_ms=result.duration_ms,
                read_at=fetched.read_at, is_kept=fetched.is_kept,
            )  # fmt: skip
            Chart.objects.bulk_create(
                Chart(organization=self.run.organization, run=self.run, title=one.title, kind=one.kind, spec=one.spec)
                for one in charts
            )
            self._end_run(Status.ANSWERED, answer=answer, **fields)
            update_leased(self.query, answer=answer, ended_at=timezone.now(), **self._freed(Status.ANSWERED))
            sql_ms = round(result.duration_ms)
            audit_query(self.query, "done", sql=self.run.sql, rows=result.row_count, sql_ms=sql_ms)

    def end_without_answer(self, status: Status, error: AppError) -> None:
        """Record why there is no answer."""
        with transaction.atomic():
            self._end_run(status)
            update_leased(
                self.query, error_code=error.error_code, error_message=error.message, ended_at=timezone.now(),
                **self._freed(status),
            )  # fmt: skip
            outcome: Outcome = "refused" if status == Status.REFUSED else "failed"
            audit_query(self.query, outcome, sql=self.run.sql, code=error.error_code)

    def note_access(self, access: Access, statements: Sequence[SafeSql] = ()) -> None:
        """Take note of the policy that the steps from here on work under, and of what these statements read by it."""
        if statements:
            read = footprint(statements, access)
            if self.run.reads is not None:
                read = Footprint(self.run.reads, self.run.limits).joined(read)
            self.note(reads=read.reads, limits=read.limits)
        if self.run.policy not in (access.policy, MIXED_POLICIES):
            self.note(policy=access.policy if self._next_step <= FIRST_STEPS else MIXED_POLICIES)
            Run.objects.for_org(self.run.organization).filter(pk=self.run.pk).update(policy=self.run.policy)
            release_connection()

    def note(self, **fields: Any) -> None:
        """Set fields of the run, written with its next write."""
        for name, value in fields.items():
            setattr(self.run, name, value)

    def _enter(self, stage: Stage) -> None:
        if self.lost.is_set():
            raise LeaseLost(str(self.query.pk))
        if self.query.stage != stage:
            update_leased(self.query, stage=stage)
        release_connection()

    def _write(self, kind: StepKind, note: StepNote, status: str, started: float) -> None:
        seconds = time.perf_counter() - started
        STAGE_SECONDS.labels(kind.stage).observe(seconds)
        calls, self._calls = self._calls, []
        step = Step(
            organization=self.run.organization, run=self.run, number=self._next_step, agent=kind.agent, type=kind.type,
            action=note.action, status=status, duration_ms=round(seconds * 1000, 2), detail=dict(note.detail),
        )  # fmt: skip
        if calls:
            step.model = calls[-1].model
            step.tokens = {
                "prompt": sum(call.prompt_tokens for call in calls),
                "completion": sum(call.completion_tokens for call in calls),
            }
            step.cost_usd = sum((call.cost_usd for call in calls), Decimal(0))
            step.detail["calls"] = [call_json(call) for call in calls]
            self.run.models_used[kind.agent] = step.model
        with transaction.atomic():
            step.save()
            save_calls(calls, step, correlation_id=self.query.correlation_id)
            self._charge(step)
        self._next_step += 1
        release_connection()

    def _charge(self, step: Step) -> None:
        """Put the step's tokens and cost on the account of whoever asked."""
        if step.tokens:
            reference = f"step:{step.pk}"
            charge_afterwards(self.query.payer, Measure.TOKENS, sum(step.tokens.values()), reference=reference)
            charge_afterwards(self.query.payer, Measure.COST, step.cost_usd or 0, reference=reference)

    def _end_run(self, status: Status, *, ended: bool = True, **fields: Any) -> None:
        self.note(**fields)
        seconds = time.monotonic() - self._started
        self.run.status = status
        self.run.busy_ms += round(seconds * 1000)
        self.run.ended_at = timezone.now() if ended else None
        self.run.save()
        RUNS_ENDED.labels(status, self.run.engine).inc()
        RUN_SECONDS.labels(self.run.engine).observe(seconds)

    @staticmethod
    def _freed(status: Status) -> dict[str, Any]:
        return {"status": status, "stage": "", "lease_token": None, "lease_expires_at": None}


def audit_query(query: Query, outcome: Outcome, **details: Any) -> None:
    """Who asked, what ran or why nothing did; last in its transaction, as the log is written one at a time."""
    record_audit(
        f"query.{query.status}", organization=query.organization, actor=query.user, api_key=query.api_key,
        target=query, outcome=outcome, data_source=str(query.data_source_id), **details,
    )  # fmt: skip


@contextmanager
def recorded_run(query: Query) -> Iterator[RunRecorder]:
    """Open or resume the query's run, keep the lease, and turn every way to end into a recorded outcome.

    Whatever the steps raise is recorded and not raised again: the row tells the story.

    Raises: LeaseLost, after writing nothing more.
    """
    try:
        run = open_run(query)
        with kept_lease(query) as lost:
            recorder = RunRecorder(query, run, lost)
            try:
                yield recorder
            except LeaseLost:
                raise
            except Exception as error:
                if lost.is_set():
                    raise LeaseLost(str(query.pk)) from error
                recorder.end_without_answer(*_outcome_of(error))
    finally:
        release_connection()


def _outcome_of(error: Exception) -> tuple[Status, AppError]:
    """The status that an exception of a step means; an unexpected one is a bug, told by its correlation id only."""
    if isinstance(error, CannotAnswer):
        return Status.CANNOT_ANSWER, error
    if isinstance(error, Refused | UnsafeSql):
        log.warning("query_refused", code=error.error_code)
        return Status.REFUSED, error
    if isinstance(error, AppError):
        log.warning("query_failed", code=error.error_code)
        return Status.FAILED, error
    log.error("query_crashed", exc_info=error)
    return Status.FAILED, AppError("Something went wrong on our side.", code="internal_error")


@transaction.atomic
def open_run(query: Query) -> Run:
    """The query's unfinished run (it waited for a person, or lost its worker), or a new one."""
    unfinished = query.runs.filter(ended_at__isnull=True).order_by("-number").first()
    if unfinished is not None:
        unfinished.status = Status.RUNNING
        unfinished.save(update_fields=["status"])
        return unfinished
    number = (query.runs.aggregate(last=Max("number"))["last"] or 0) + 1
    run = Run.objects.create(organization=query.organization, query=query, number=number)
    update_leased(query, last_run=run)
    return run
