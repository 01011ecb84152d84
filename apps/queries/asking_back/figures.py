"""How asking back works out in one organization: its figures, and whether all that it needs is at work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Aggregate, Avg, Count, F, FloatField, Max, Q
from django.db.models.functions import Extract
from django.utils import timezone

from apps.accounts.models import Organization
from apps.clarification.models import Clarification, ClarificationQuestion, ClarificationStatus
from apps.datasources.models import DataSource
from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.knowledge.values import MemoryValueIndex
from apps.monitoring.health import Check, CheckFailed, check_database, run_check
from apps.queries.context import Context
from apps.queries.engines.builtin import propose_readings
from apps.queries.models import Query, Status

LATE = timedelta(minutes=5)  # the scheduler looks every few seconds


@dataclass(frozen=True)
class Span:
    """Which queries are counted: those asked since a moment, of one data source or of all."""

    since: datetime
    source: DataSource | None = None

    def of(self, source: str) -> dict[str, Any]:
        """As a filter, where `source` is the path to the data source."""
        return {"created_at__gte": self.since} | ({source: self.source} if self.source else {})


class Percentile(Aggregate):
    """The value below which a share of the rows lies, interpolated."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Any, share: float) -> None:
        super().__init__(expression, share=float(share))


def clarification_figures(organization: Organization, span: Span) -> dict[str, Any]:
    """Rates between 0 and 1, times in seconds; null where there is nothing to count."""
    queries = Query.objects.for_org(organization).filter(**span.of("data_source")).count()
    rows = Clarification.objects.for_org(organization).filter(**span.of("query__data_source"))
    counts = dict.fromkeys(ClarificationStatus.values, 0) | dict(rows.values_list("status").annotate(Count("pk")))
    asked, closed = sum(counts.values()), sum(counts.values()) - counts["open"]
    return {
        "since": span.since.isoformat(),
        "queries": queries,
        "asked": asked,
        "asked_rate": _share(asked, queries),
        **counts,
        "answered_rate": _share(counts["answered"], closed),
        "dismissed_rate": _share(counts["dismissed"], closed),
        "turns": rows.exclude(status="open").aggregate(mean=Avg("turn", output_field=FloatField()), most=Max("turn")),
        **_of_questions(organization, span),
    }


def _of_questions(organization: Organization, span: Span) -> dict[str, Any]:
    questions = ClarificationQuestion.objects.for_org(organization).filter(
        **span.of("clarification__query__data_source")
    )
    seconds = Extract(F("answered_at") - F("created_at"), "epoch")
    answered = questions.filter(answered_at__isnull=False)
    took_default = answered.filter(chosen_option=F("default")).count()
    by_field = questions.values_list("field").annotate(
        asked=Count("pk"), said=Count("pk", filter=Q(answered_at__isnull=False))
    )
    return {
        "seconds_to_answer": answered.aggregate(p50=Percentile(seconds, 0.5), p95=Percentile(seconds, 0.95)),
        "default_chosen_rate": _share(took_default, answered.count()),
        "in_own_words": answered.exclude(answer_text="").count(),
        "by_field": {field: {"asked": asked, "answered": said} for field, asked, said in by_field.order_by("field")},
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def clarification_checks(organization: Organization) -> list[Check]:
    """What asking back needs, each tried now."""
    checks: dict[str, Callable[[], str]] = {
        "database": check_database,
        "engine": _check_engine,
        "expiry": lambda: _check_expiry(organization),
        "resuming": lambda: _check_resuming(organization),
    }
    return [run_check(name, check) for name, check in checks.items()]


def switches(organization: Organization) -> dict[str, bool]:
    """Where asking back is on; a data source and a request may switch it off for themselves."""
    return {
        "installation": settings.PARLEY.clarification_enabled,
        "organization": organization.clarification_enabled,
    }


def _check_engine() -> str:
    """The built-in engine, from which ambiguities come, reads a question."""
    day, amount = Column("day", ColumnType.DATE, "date"), Column("amount", ColumnType.DECIMAL, "numeric")
    schema = Schema("postgres", (Table("sales", (day, amount)),))
    context = Context("How many sales are there?", schema, MemoryValueIndex(()), timezone.localdate())
    if not propose_readings(context):
        raise CheckFailed("the engine reads nothing")
    return "reads questions"


def _check_expiry(organization: Organization) -> str:
    late = Clarification.objects.for_org(organization).open().filter(expires_at__lt=timezone.now() - LATE)
    if late.exists():
        raise CheckFailed("expired clarifications still wait: is the scheduler running?")
    return "none is overdue"


def _check_resuming(organization: Organization) -> str:
    stuck = Query.objects.for_org(organization).filter(
        status=Status.QUEUED, clarification__isnull=False, queued_at__lt=timezone.now() - LATE
    )
    if stuck.exists():
        raise CheckFailed("answered queries still wait: is a worker running?")
    return "answered queries go on"
