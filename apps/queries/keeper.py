"""Renewing leases: one thread for all the work that this process holds, however much of it waits at once.

Every second it asks our database, in one statement, which of the work is still ours, and tells whoever lost theirs;
leases are renewed long before they end. Work beyond its own time is renewed no longer: a thread cannot be ended from
outside, but its work can go to another worker.
"""

import os
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

    @property
    def claim(self) -> tuple[uuid.UUID, uuid.UUID | None]:
        return self.work.pk, self.work.lease_token


class Keeper:
    """Keeps the leases of one process, by a thread that is there as long as there is any."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Hold nothing, as a forked child does: what its parent holds is the parent's to keep."""
        self._lock = threading.Lock()
        self._held: set[Held] = set()
        self._thread: threading.Thread | None = None  # nor is the parent's thread here
        self._done = threading.Event()

    def hold(self, work: Work, longest_seconds: float | None) -> Held:
        """Keep the lease of this work until `let_go`, at most so long."""
        held = Held(work, None if longest_seconds is None else time.monotonic() + longest_seconds)
        with self._lock:
            self._held.add(held)
            if self._thread is None:
                self._done = threading.Event()
                self._thread = threading.Thread(target=self._keep, args=(self._done,), name="leases", daemon=True)
                self._thread.start()
        return held

    def let_go(self, held: Held) -> None:
        """Renew it no more. When it was the last, the thread is gone as well once this returns."""
        with self._lock:
            self._held.discard(held)
            if self._held or self._thread is None:
                return
            thread, self._thread = self._thread, None
            self._done.set()
        thread.join(timeout=10)

    def all_held(self) -> list[Held]:
        with self._lock:
            return list(self._held)

    def _keep(self, done: threading.Event) -> None:
        renewed_at = time.monotonic()
        while not done.wait(RENEWAL_SECONDS):
            is_due = time.monotonic() - renewed_at >= settings.PARLEY.query_lease_seconds / RENEWALS
            try:
                with across_organizations("a process keeps the leases of all its work"):
                    _look_after(self.all_held(), renew=is_due)
                renewed_at = time.monotonic() if is_due else renewed_at
            except Exception:  # our database is away for a moment: the lease's own length bridges it
                log.warning("leases_not_renewed", exc_info=True)
            finally:
                connection.close()


def _look_after(held: Iterable[Held], *, renew: bool) -> None:
    """Renew what is ours and has time left, and tell of what is not."""
    now = time.monotonic()
    for one in held:
        if one.until is not None and now > one.until and not one.lost.is_set():
            log.error("work_beyond_its_time", work=str(one.work.pk))
            one.lost.set()
    for model in (Query, Evaluation):
        mine = [one for one in held if isinstance(one.work, model) and not one.lost.is_set()]
        if not mine:
            continue
        rows = rows_of(model, mine)
        if renew:
            rows.update(lease_expires_at=lease_end())
        still = set(rows.values_list("pk", "lease_token"))
        for one in mine:
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


KEEPER = Keeper()
os.register_at_fork(after_in_child=KEEPER.forget)
