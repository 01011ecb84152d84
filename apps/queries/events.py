"""Server-sent events: each step as it ends, then the query."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from django.conf import settings
from django.http import StreamingHttpResponse
from rest_framework.exceptions import APIException

from apps.accounts.principal import Principal
from apps.accounts.row_security import organization_scope
from apps.common.connections import release_connection
from apps.common.errors import AppError, Unavailable
from apps.queries.models import Query, Status, Step
from apps.queries.presentation import query_json, step_json
from apps.queries.seeing import visible_queries, visible_runs, withheld

log = structlog.get_logger(__name__)
PAUSE_SECONDS = 0.2
HEARTBEAT_SECONDS = 15
LONGEST_STREAM_SECONDS = 300
Authorize = Callable[[], Principal]
_streams = threading.BoundedSemaphore(settings.PARLEY.event_streams_per_process)


def event_stream(query: Query, authorize: Authorize, *, last_seen: str) -> StreamingHttpResponse:
    """A stream that goes on after the step whose number is `last_seen`, for whom `authorize` names while it does.

    `authorize` is asked before anything is sent; where it raises, the stream ends.

    Raises: Unavailable if this process serves as many streams as it may.
    """
    after = int(last_seen) if re.fullmatch(r"[0-9]{1,9}", last_seen) else 0
    if not _streams.acquire(blocking=False):
        raise Unavailable("Too many streams are open; try again.", retry_after_seconds=2)
    response = StreamingHttpResponse(_Stream(query, authorize, after), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


class _Stream:
    """Iterates over events; gives its place back when it ends or the client goes away."""

    def __init__(self, query: Query, authorize: Authorize, after: int) -> None:
        self._events = _events(query, authorize, after)
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


def _events(query: Query, authorize: Authorize, after: int) -> Iterator[bytes]:
    started = heard = time.monotonic()
    while time.monotonic() - started < LONGEST_STREAM_SECONDS:
        with organization_scope(query.organization_id):  # the request that opened the stream has ended
            principal = _still_allowed(authorize)
            if principal is None:
                return
            rows = visible_queries(principal).filter(pk=query.pk)  # a policy that becomes tighter ends the stream
            found = rows.values_list("status", "last_run").first()
            if found is None:
                return
            status, run = found
            steps = _steps(query, principal, run, after)
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


def _still_allowed(authorize: Authorize) -> Principal | None:
    """Whom the stream is for; None once their key, sign-in or right has ended."""
    try:
        return authorize()
    except (APIException, AppError) as error:
        log.info("event_stream_ended", error=type(error).__name__)
        return None


def _steps(query: Query, principal: Principal, run: Any, after: int) -> list[Step]:
    runs = visible_runs(principal, query).filter(pk=run)
    steps = Step.objects.for_org(query.organization).filter(run__in=runs, number__gt=after)
    return list(steps.order_by("number"))


def _event(name: str, body: dict[str, Any], number: str = "") -> bytes:
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {name}\ndata: {json.dumps(body)}\n\n".encode()
