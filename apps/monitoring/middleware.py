"""One correlation id a request, and one log line when it ends."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.accounts.rate_limits import address_of

log = structlog.get_logger(__name__)
WELL_FORMED = re.compile(r"[A-Za-z0-9_\-]{8,64}")
QUIET_PATHS = ("/api/v1/health", "/api/v1/metrics", "/static/")


class CorrelationMiddleware:
    """Takes a well-formed X-Request-ID or makes one; binds it to every log line and returns it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        correlation_id = given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id, address=address_of(request))
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = correlation_id
        response["X-Response-Time"] = f"{(time.perf_counter() - started) * 1000:.1f}ms"
        return response


class RequestLogMiddleware:
    """Logs each request as it ends; slow ones as warnings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        is_slow = seconds > settings.PARLEY.slow_request_seconds
        if is_slow or not request.path.startswith(QUIET_PATHS):
            write = log.warning if is_slow else log.info
            write(
                "slow_request" if is_slow else "request_finished",
                method=request.method,
                path=request.path,
                status=response.status_code,
                duration_ms=round(seconds * 1000, 1),
            )
        return response
