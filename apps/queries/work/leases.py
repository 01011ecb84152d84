"""Who works on a query or an evaluation: one worker at a time, under a lease that it renews and loses when it dies.

Every write of its work names the lease's token, so a worker that was given up for dead cannot write over its successor.
"""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import Organization
from apps.accounts.row_security import across_organizations
from apps.queries.models import Evaluation, Query, Status
from apps.queries.work.keeper import KEEPER, Held, Work, lease_end, rows_of

log = structlog.get_logger(__name__)
__all__ = [
    "ENDING_SECONDS", "LeaseLost", "Work", "at_work", "give_back_all", "kept_lease", "lease_end", "leased",
    "lock_leased", "take_lease", "update_leased",
]  # fmt: skip


class LeaseLost(Exception):
    """Another worker has this work, or a person cancelled it: stop without writing."""


def take_lease(organization: Organization, query_id: uuid.UUID) -> Query | None:
    """Take the query for this worker; None if it is done, waits for a person or is somebody else's.

    None also while the organization has as many queries at work as it may: this one stays queued.
    """
    token = uuid.uuid4()
    waiting = Query.objects.for_org(organization).filter(pk=query_id)
    free = waiting.filter(status=Status.QUEUED) | waiting.filter(
        status=Status.RUNNING, lease_expires_at__lte=timezone.now()
    )
    with transaction.atomic():
        _one_worker_at_a_time(organization)
        if at_work(organization) >= settings.PARLEY.queries_at_once:
            log.info("query_held_back", query=str(query_id))
            return None
        taken = free.update(
            status=Status.RUNNING, lease_token=token, lease_expires_at=lease_end(), attempts=F("attempts") + 1
        )
    if not taken:
        return None
    query: Query = waiting.select_related("organization", "user", "api_key", "data_source", "clarification").get()
    return query


def at_work(organization: Organization) -> int:
    """How many queries of the organization a living worker holds."""
    held = Query.objects.for_org(organization).filter(status=Status.RUNNING, lease_expires_at__gt=timezone.now())
    return int(held.count())


def _one_worker_at_a_time(organization: Organization) -> None:
    """Until this transaction ends, no other worker counts this organization's queries and takes one more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [TAKING, str(organization.pk)])


def leased(work: Work) -> "models.QuerySet[Any]":
    """The work's row as long as this worker holds it, no row otherwise."""
    rows: models.QuerySet[Any] = (
        type(work)
        .objects.for_org(work.organization)
        .filter(pk=work.pk, status=Status.RUNNING, lease_token=work.lease_token)
    )
    return rows


def update_leased(work: Work, **fields: object) -> None:
    """Write to the work's row. Raises LeaseLost if this worker no longer holds it."""
    if not leased(work).update(**fields):
        raise LeaseLost(str(work.pk))
    for name, value in fields.items():
        setattr(work, name, value)


def lock_leased(work: Work) -> None:
    """Lock the work's row until this transaction ends. Raises LeaseLost if this worker no longer holds it."""
    if not leased(work).select_for_update().exists():
        raise LeaseLost(str(work.pk))


@contextmanager
def kept_lease(work: Work) -> Iterator[threading.Event]:
    """Have the lease renewed for the block; the event is set when it is lost, so that waiting work can stop.

    A query has its deadline, and a while to end after it; then another worker may take it.
    """
    longest = settings.PARLEY.query_deadline_seconds + ENDING_SECONDS if isinstance(work, Query) else None
    held = Held(work, None if longest is None else time.monotonic() + longest)
    KEEPER.hold(held)
    try:
        yield held.lost
    finally:
        KEEPER.let_go(held)


def give_back_all() -> list[Query]:
    """Queue again the queries and evaluations that this process holds, for a worker that has to end; the queries.

    Whoever still works on them has lost them. That the worker ended is not counted against them.
    """
    held, now = KEEPER.all_held(), timezone.now()
    freed = {"status": Status.QUEUED, "queued_at": now, "lease_token": None, "lease_expires_at": None}
    with across_organizations("a worker that ends gives back all its work"), transaction.atomic():
        mine = rows_of(Query, held).select_for_update(of=("self",), skip_locked=True)
        given: list[Query] = list(mine)
        rows_of(Query, held).filter(pk__in=[one.pk for one in given]).update(
            **freed, stage="", attempts=F("attempts") - 1
        )
        rows_of(Evaluation, held).update(**freed, attempts=F("attempts") - 1)
    for one in held:
        one.lost.set()
    return given


ENDING_SECONDS = 60
TAKING = 5_701  # the first half of our advisory locks' keys
