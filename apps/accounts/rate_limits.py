"""How often a person, a key or an address may call: counted in Redis by django-ratelimit, told in headers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from prometheus_client import Counter
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import ApiKey
from apps.common.errors import AppError, Unavailable

log = structlog.get_logger(__name__)
RETRY_SECONDS = 2

RATE_LIMITED = Counter("parley_rate_limited_total", "Calls refused by a rate limit.", ["group"])


class TooManyRequests(AppError):
    """The caller is over a limit."""

    code = "rate_limited"
    status = 429


@dataclass(frozen=True)
class Usage:
    """One limit as it stands: calls allowed and made in this window, and seconds until it ends."""

    limit: int
    count: int
    reset_seconds: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.count)

    @property
    def is_exceeded(self) -> bool:
        return self.count > self.limit


def caller_key(group: str, request: HttpRequest) -> str:
    """What to count by: the key, else the person, else the address."""
    auth = getattr(request, "auth", None)
    if isinstance(auth, ApiKey):
        return f"key:{auth.pk}"
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"address:{address_of(request)}"


def address_of(request: Any) -> str:
    """The client's address; behind a proxy that we trust, the one it saw: the last entry, as others can be made up."""
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PARLEY.trust_proxy_headers else ""
    return seen.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def rates_of(group: str) -> list[str]:
    """The limits of a group of routes, in django-ratelimit's notation."""
    environment = settings.PARLEY
    own = {
        "ask": environment.asking_rate_per_minute,
        "login": environment.login_rate_per_minute,
        "source": environment.source_rate_per_minute,
    }
    per_minute = own.get(group, environment.rate_per_minute)
    return [f"{per_minute}/m", f"{environment.rate_per_hour}/h"]


def count_call(request: Any, group: str) -> Usage | None:
    """Count one call against each limit of `group`; the tightest is returned, None where limits are off.

    Raises: TooManyRequests with the seconds to wait, Unavailable where Redis is away: nobody calls uncounted.
    """
    usages = [_usage(request, group, rate) for rate in rates_of(group)]
    known: Sequence[Usage] = [usage for usage in usages if usage is not None]
    if not known:
        return None
    tightest = min(known, key=lambda usage: usage.limit - usage.count)
    if tightest.is_exceeded:
        RATE_LIMITED.labels(group).inc()
        log.warning("rate_limited", group=group)
        error = TooManyRequests("Too many requests; wait before the next.", retry_after_seconds=tightest.reset_seconds)
        error.details["limit"] = tightest.limit
        request.rate_usage = tightest
        raise error
    return tightest


def _usage(request: Any, group: str, rate: str) -> Usage | None:
    try:
        raw = get_usage(request, group=group, key=caller_key, rate=rate, increment=True)
    except RedisError as error:
        log.error("rate_limit_uncounted", error=type(error).__name__)
        raise Unavailable("Calls cannot be counted now; try again.", retry_after_seconds=RETRY_SECONDS) from error
    return raw and Usage(raw["limit"], raw["count"], max(1, raw["time_left"]))


class RateLimited:
    """Mixin for API views: counts each call and writes the headers on every answer."""

    rate_group = "api"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        request.rate_usage = count_call(request, self.group_for(request))  # type: ignore[attr-defined]

    def group_for(self, request: Request) -> str:
        """The limit that this call counts against."""
        return self.rate_group

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        usage: Usage | None = getattr(request, "rate_usage", None)
        if usage is not None:
            response["X-RateLimit-Limit"] = str(usage.limit)
            response["X-RateLimit-Remaining"] = str(usage.remaining)
            response["X-RateLimit-Reset"] = str(usage.reset_seconds)
        return response
