"""How often a person, a key or an address may call: counted in Redis by django-ratelimit, told in headers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_ratelimit.core import get_usage
from prometheus_client import Counter
from redis.exceptions import RedisError
from rest_framework.request import Request

from apps.accounts.load import limit_factor
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

    window: str
    limit: int
    count: int
    reset_seconds: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.count)

    @property
    def is_exceeded(self) -> bool:
        return self.count > self.limit


WINDOW_SECONDS = {"minute": 60, "hour": 3600}


def identities_of(request: HttpRequest) -> list[str]:
    """What a call is counted by: the person and, for a key, the key as well; the address of who is nobody yet."""
    if not request.user.is_authenticated:
        return [f"address:{address_of(request)}"]
    auth = getattr(request, "auth", None)
    key = [f"key:{auth.pk}"] if isinstance(auth, ApiKey) else []
    return [f"user:{request.user.pk}", *key]


def address_of(request: Any) -> str:
    """The client's address; behind a proxy that we trust, the one it saw: the last entry, as others can be made up."""
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PARLEY.trust_proxy_headers else ""
    return seen.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def limits_of(group: str) -> dict[str, int]:
    """How many calls of a group of routes are allowed in each window, before load tightens it."""
    environment = settings.PARLEY
    own = {
        "ask": environment.asking_rate_per_minute,
        "login": environment.login_rate_per_minute,
        "source": environment.source_rate_per_minute,
    }
    return {"minute": own.get(group, environment.rate_per_minute), "hour": environment.rate_per_hour}


def count_call(request: Any, group: str) -> Usage | None:
    """Count one call against each limit of `group`; the tightest is returned, None where limits are off.

    Raises: TooManyRequests with the seconds to wait, Unavailable where Redis is away: nobody calls uncounted.
    """
    share = limit_factor() if settings.RATELIMIT_ENABLE else 1.0
    counted = (
        _usage(request, group, identity, window, limit, share)
        for identity in identities_of(request)
        for window, limit in limits_of(group).items()
    )
    known = [usage for usage in counted if usage is not None]
    if not known:
        return None
    plain_request = getattr(request, "_request", request)  # the framework's wraps the one that the middleware sees
    plain_request.rate_usages = _tightest_of_each_window(known)
    tightest = min(known, key=_room)
    if tightest.is_exceeded:
        RATE_LIMITED.labels(group).inc()
        log.warning("rate_limited", group=group)
        wait = max(usage.reset_seconds for usage in known if usage.is_exceeded)
        error = TooManyRequests("Too many requests; wait before the next.", retry_after_seconds=wait)
        error.details["limit"] = tightest.limit
        raise error
    return tightest


def _usage(request: Any, group: str, identity: str, window: str, limit: int, share: float) -> Usage | None:
    """Counted by the limit as it is set, judged by the share of it that the load leaves."""
    try:
        raw = get_usage(request, group=group, key=lambda *_: identity, rate=f"{limit}/{window[0]}", increment=True)
    except RedisError as error:
        log.error("rate_limit_uncounted", error=type(error).__name__)
        raise Unavailable("Calls cannot be counted now; try again.", retry_after_seconds=RETRY_SECONDS) from error
    return raw and Usage(window, max(1, int(limit * share)), raw["count"], seconds_left(raw))


def seconds_left(raw: Mapping[str, int]) -> int:
    """Until the package's window ends: it counts to the window's last second, which still belongs to it."""
    return max(0, raw["time_left"]) + 1


def _tightest_of_each_window(usages: Sequence[Usage]) -> list[Usage]:
    return [min((one for one in usages if one.window == window), key=_room) for window in WINDOW_SECONDS]


def _room(usage: Usage) -> int:
    return usage.limit - usage.count


def write_limits(response: HttpResponseBase, request: Any) -> None:
    """Tell the tightest limit in the X-RateLimit fields, and each window in the IETF draft's two structured fields."""
    windows: list[Usage] = getattr(request, "rate_usages", [])
    if not windows:
        return
    usage = min(windows, key=_room)
    response["X-RateLimit-Limit"] = str(usage.limit)
    response["X-RateLimit-Remaining"] = str(usage.remaining)
    response["X-RateLimit-Reset"] = str(usage.reset_seconds)
    response["RateLimit-Policy"] = ", ".join(
        f'"{one.window}";q={one.limit};w={WINDOW_SECONDS[one.window]}' for one in windows
    )
    response["RateLimit"] = ", ".join(f'"{one.window}";r={one.remaining};t={one.reset_seconds}' for one in windows)


class RateLimited:
    """Mixin for API views: counts each call. `RateLimitHeadersMiddleware` tells the limits on every answer."""

    rate_group = "api"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        count_call(request, self.group_for(request))

    def group_for(self, request: Request) -> str:
        """The limit that this call counts against."""
        return self.rate_group
