"""How often somebody may try to prove who they are: by account, so that many addresses do not help, and by address.

Windows end by themselves, so nobody is locked out for good; unknown accounts are counted like known ones.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import structlog
from django.conf import settings
from django_ratelimit.core import get_usage
from redis.exceptions import RedisError

from apps.accounts.rate_limits import RATE_LIMITED, RETRY_SECONDS, TooManyRequests, address_of, seconds_left
from apps.common.errors import Unavailable

log = structlog.get_logger(__name__)
HOURS_WORTH = 10  # an hour allows this many times the tries of a minute
RESET_RATE = "10/h"
SECOND_FACTOR_RATES = ("5/m", "30/h")  # a code is one of a million


def count_password_try(request: Any, account: str) -> None:
    """Count a try at an account's password. Raises TooManyRequests, Unavailable."""
    per_minute = settings.PARLEY.login_rate_per_minute
    _count(request, "password", account.lower(), (f"{per_minute}/m", f"{per_minute * HOURS_WORTH}/h"))


def count_second_factor_try(request: Any, account: str) -> None:
    """Count a try at an account's second factor. Raises TooManyRequests, Unavailable."""
    _count(request, "second_factor", account, SECOND_FACTOR_RATES)


def count_refresh(request: Any, family: str) -> None:
    """Count a refresh of one sign-in. Raises TooManyRequests, Unavailable."""
    _count(request, "refresh", family, (f"{settings.PARLEY.login_rate_per_minute}/m",))


def count_reset(request: Any, account: str) -> None:
    """Count a wish for a link mailed to an account, so that nobody is flooded. Raises TooManyRequests, Unavailable."""
    _count(request, "reset", account.lower(), (f"{settings.PARLEY.login_rate_per_minute}/m", RESET_RATE))


def refuse_guessers(request: Any) -> None:
    """Refuse an address that sent too many wrong keys or tokens of late. Raises TooManyRequests, Unavailable."""
    _count(request, "credential", address_of(request), _credential_rates(), is_try=False)


def count_wrong_credential(request: Any) -> None:
    """Count a wrong key or token against its address."""
    _usages(request, "credential", address_of(request), _credential_rates(), is_try=True)


def _credential_rates() -> Sequence[str]:
    return (f"{settings.PARLEY.rate_per_minute}/m",)


def _count(request: Any, group: str, account: str, rates: Sequence[str], *, is_try: bool = True) -> None:
    usages = _usages(request, group, account, rates, is_try=is_try)
    spent = [usage for usage in usages if usage["count"] + (not is_try) > usage["limit"]]
    if spent:
        RATE_LIMITED.labels(group).inc()
        log.warning("attempts_limited", group=group)
        wait = max(seconds_left(usage) for usage in spent)
        raise TooManyRequests("Too many attempts; wait before the next.", retry_after_seconds=wait)


def _usages(request: Any, group: str, account: str, rates: Sequence[str], *, is_try: bool) -> list[dict[str, int]]:
    digest = hashlib.sha256(account.encode(errors="replace")).hexdigest()
    try:
        usages = [
            get_usage(request, group=f"attempt-{group}", key=lambda *_: digest, rate=rate, increment=is_try)
            for rate in rates
        ]
    except RedisError as error:
        log.error("rate_limit_uncounted", error=type(error).__name__)
        raise Unavailable("Calls cannot be counted now; try again.", retry_after_seconds=RETRY_SECONDS) from error
    return [usage for usage in usages if usage is not None]
