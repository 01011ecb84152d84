"""Renewing leases: one thread for all the work that this process holds, however much of it waits at once.

Every second it asks our database, in one statement, which of the work is still ours, and tells whoever lost theirs;
leases are renewed long before they end. Work beyond its own time is renewed no longer: a thread cannot be ended from
outside, but its work can go to another worker.
"""

import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.accounts.row_security import across_organizations
from apps.common.keeping import Keeping
from apps.queries.models import Evaluation, Query, Status

log = structlog.get_logger(__name__)
Work = Query | Evaluation  # both are `running` while a worker holds them
RENEWAL_SECONDS = 1.0
RENEWALS = 4  # in the length of a lease


@dataclass(eq=False)
class Held:
    """One piece of work that this process holds; `lost` is set once it no longer does, `until` on time.monotonic."""

    work: Work
    until: float | None
    lost: threading.Event = field(default_factory=threading.Event)
    renewed_at: float = field(default_factory=time.monotonic)

    @property
    def claim(self) -> tuple[uuid.UUID, uuid.UUID | None]:
        return self.work.pk, self.work.lease_token


def look_after(held: list[Held]) -> None:
    """Renew what is ours and due, and tell whoever lost theirs."""
    try:
        with across_organizations("a process keeps the leases of all its work"):
            _look_after(held)
    except Exception:  # our database is away for a moment: the lease's own length bridges it
        log.warning("leases_not_renewed", exc_info=True)
    finally:
        connection.close()


def _look_after(held: list[Held]) -> None:
    now = time.monotonic()
    for one in held:
        if one.until is not None and now > one.until and not one.lost.is_set():
            log.error("work_beyond_its_time", work=str(one.work.pk))
            one.lost.set()
    for model in (Query, Evaluation):
        mine = [one for one in held if isinstance(one.work, model) and not one.lost.is_set()]
        due = [one for one in mine if now >= one.renewed_at + settings.PARLEY.query_lease_seconds / RENEWALS]
        if due:
            rows_of(model, mine).update(lease_expires_at=lease_end())
        still = set(rows_of(model, mine).values_list("pk", "lease_token")) if mine else set()
        for one in mine:
            one.renewed_at = now if due else one.renewed_at
            if one.claim not in still:
                one.lost.set()


def rows_of(model: type[Work], held: Iterable[Held]) -> "QuerySet[Any]":
    """The rows of this work that are still ours; to be read and written across organizations."""
    claims = [one.claim for one in held]
    ours = Q(pk__in=[pk for pk, _ in claims], lease_token__in=[token for _, token in claims])
    rows: QuerySet[Any] = model.objects.filter(ours, status=Status.RUNNING)
    return rows


def lease_end() -> object:
    """When a lease that is taken or renewed now ends."""
    return timezone.now() + timedelta(seconds=settings.PARLEY.query_lease_seconds)


KEEPER: Keeping[Held] = Keeping("leases", lambda: RENEWAL_SECONDS, look_after)
