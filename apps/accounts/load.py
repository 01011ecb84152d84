"""How loaded the platform is, so that limits can tighten before it is overrun.

Apps above register a gauge, such as the number of queries that wait for a worker; it is asked once every few seconds
for all processes together.
"""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import Error
from prometheus_client import Gauge
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
LOAD = Gauge("parley_limit_factor", "What share of the rate limits is granted now.", multiprocess_mode="mostrecent")
_CACHE_KEY = "limit_factor"
_SECONDS = 3
LEAST_SHARE = 0.25
_gauges: list[Callable[[], int]] = []


def register_gauge(waiting: Callable[[], int]) -> None:
    """Have `waiting` tell how many pieces of work wait."""
    if waiting not in _gauges:
        _gauges.append(waiting)


def limit_factor() -> float:
    """The share of a rate limit that is granted now: 1 until more work waits than may, then less, at least 0.25.

    Where it cannot be told, limits stay as they are set: they are a wall of their own.
    """
    try:
        known = cache.get(_CACHE_KEY)
        if known is None:
            known = _measured()
            cache.set(_CACHE_KEY, known, _SECONDS)
            LOAD.set(known)
        return float(known)
    except (RedisError, Error) as error:
        log.warning("load_unknown", error=type(error).__name__)
        return 1.0


def _measured() -> float:
    waiting = sum(gauge() for gauge in _gauges)
    most = settings.PARLEY.tighten_limits_at_waiting
    return 1.0 if waiting <= most else max(LEAST_SHARE, most / waiting)
