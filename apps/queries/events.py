"""Server-sent events: each step as it ends, then the query."""

import json
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse

from apps.accounts.principal import Principal, renewed
from apps.accounts.row_security import organization_scope
from apps.common.connections import release_connection
from apps.common.errors import Unavailable
from apps.queries.models import Query, Status, Step
from apps.queries.presentation import query_json, step_json
from apps.queries.seeing import visible_queries, visible_runs, withheld

PAUSE_SECONDS = 0.2
HEARTBEAT_SECONDS = 15
LONGEST_STREAM_SECONDS = 300
_streams = threading.BoundedSemaphore(settings.PARLEY.event_streams_per_process)


def event_stream(query: Query, principal: Principal, *, last_seen: str) -> StreamingHttpResponse:
    """A stream that goes on after the step whose number is `last_seen`.

    Raises: Unavailable if this process serves as many streams as it may.
    """
    after = int(last_seen) if re.fullmatch(r"[0-9]{1,9}", last_seen) else 0
    if not _streams.acquire(blocking=False):
        raise Unavailable("Too many streams are open; try again.", retry_after_seconds=2)
    response = StreamingHttpResponse(_Stream(query, principal, after), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


class _Stream:
    """Iterates over events; gives its place back when it ends or the client goes away."""

    def __init__(self, query: Query, principal: Principal, after: int) -> None:
        self._events = _events(query, principal, after)
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._events)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._open:
            self._open = False
            self._events.close()  # type: ignore[attr-defined]
            _streams.release()


def _events(query: Query, principal: Principal, after: int) -> Iterator[bytes]:
    started = heard = time.monotonic()
    while time.monotonic() - started < LONGEST_STREAM_SECONDS:
        with organization_scope(query.organization_id):  # the request that opened the stream has ended
            reader = renewed(principal)  # who may no longer read here, or reads under a tighter policy, hears no more
            rows = visible_queries(reader).filter(pk=query.pk) if reader is not None else Query.objects.none()
            found = rows.values_list("status", "last_run").first()
            if reader is None or found is None:
                return
            status, run = found
            steps = _steps(query, reader, run, after)
            last = [] if Status(status).is_waiting else [query_json(withheld(rows.with_record().get()))]
        release_connection()  # before a client takes its time to read
        for step in steps:
            after, heard = step.number, time.monotonic()
            yield _event("step", step_json(step), str(step.number))
        for body in last:
            yield _event("query", body)
            return
        if time.monotonic() - heard > HEARTBEAT_SECONDS:
            heard = time.monotonic()
            yield b": still working\n\n"
        time.sleep(PAUSE_SECONDS)


def _steps(query: Query, principal: Principal, run: Any, after: int) -> list[Step]:
    runs = visible_runs(principal, query).filter(pk=run)
    steps = Step.objects.for_org(query.organization).filter(run__in=runs, number__gt=after)
    return list(steps.order_by("number"))


def _event(name: str, body: dict[str, Any], number: str = "") -> bytes:
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {name}\ndata: {json.dumps(body)}\n\n".encode()
