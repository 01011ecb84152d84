"""The platform's own time per query: wall less model less the customer's SQL, against a round trip to our database."""

from collections.abc import Iterator

from django.db import connection

from apps.accounts.principal import Principal
from apps.accounts.row_security import organization_scope
from apps.datasources.services import find_principal, find_source
from apps.queries.models import Query, Status
from apps.queries.services import Request, ask_here
from bench.figures import Figure, timed

QUESTION = "How many customers are there?"
NOT_OURS = ("probe", "execution")


def run(*, short: bool) -> Iterator[Figure]:
    """Needs the sample data source; its queries are removed again."""
    principal = find_principal(email=None, source_name="sample")
    with organization_scope(principal.organization.pk):
        yield from _measured(principal, repetitions=20 if short else 300)


def _measured(principal: Principal, *, repetitions: int) -> Iterator[Figure]:
    source = find_source(principal, "sample")
    new, kept = Request(QUESTION, source, {"wants_new_rows": True}), Request(QUESTION, source, {})
    for request in (new, kept):  # loads the engine and the schema, and leaves rows to be kept
        ask_here(principal=principal, request=request)
    trips = timed(_round_trip, repetitions)
    walls, own = _asked(principal, new, repetitions)
    yield Figure("a whole query, in one process", walls, "a round trip to our database", trips)
    yield Figure("of that the platform's own", own, "a round trip to our database", trips)
    again, _ = _asked(principal, kept, repetitions)
    yield Figure("the same question again, rows kept", again, "a whole query, in one process", walls)
    Query.objects.for_org(principal.organization).filter(question=QUESTION, user=principal.user).delete()


def _asked(principal: Principal, request: Request, repetitions: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the whole query, and without the customer's database."""
    walls: list[float] = []
    own: list[float] = []
    for _ in range(repetitions):
        [wall] = timed(lambda: ask_here(principal=principal, request=request), 1)
        query = Query.objects.for_org(principal.organization).with_record().order_by("-id")[0]
        if query.status != Status.ANSWERED:
            raise SystemExit(f"The benchmark's question ended as {query.status}; is the sample loaded?")
        elsewhere = sum(step.duration_ms for step in query.last_run.steps.all() if step.type in NOT_OURS)
        walls.append(wall)
        own.append(wall - elsewhere)
    return walls, own


def _round_trip() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
