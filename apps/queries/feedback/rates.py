"""How answers are taken: figures only, of a whole organization."""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Count

from apps.accounts.models import Organization
from apps.queries.feedback.models import Feedback, FeedbackState, Verdict
from apps.queries.models import Query, Status


def feedback_rates(organization: Organization, since: dt.datetime | None) -> dict[str, Any]:
    """As FeedbackMetricsShape, of the queries asked since then."""
    answered = Query.objects.for_org(organization).filter(status=Status.ANSWERED)
    given = Feedback.objects.for_org(organization)
    if since is not None:
        answered, given = answered.filter(created_at__gte=since), given.filter(query__created_at__gte=since)
    by_engine: dict[str, dict[str, int]] = defaultdict(dict)
    for engine, verdict, count in _counted(given, "query__last_run__engine", "verdict"):
        by_engine[engine or "none"][verdict] = count
    verdicts = dict(_counted(given, "verdict"))
    up, rated, asked = verdicts.get(Verdict.UP, 0), sum(verdicts.values()), answered.count()
    return {
        "answered": asked,
        "rated": rated,
        "up": up,
        "down": rated - up,
        "approval_rate": round(up / rated, 4) if rated else None,
        "rated_share": round(given.filter(query__in=answered).values("query").distinct().count() / asked, 4)
        if asked
        else None,
        "open": given.filter(state=FeedbackState.OPEN).count(),
        "by_reason": dict(_counted(given.exclude(reason=""), "reason")),
        "by_engine": dict(by_engine),
        "by_outcome": dict(_counted(given.exclude(outcome=""), "outcome")),
    }


def _counted(rows: Any, *names: str) -> list[Any]:
    return list(rows.order_by().values_list(*names).annotate(count=Count("pk")))
