"""Whether another query may be accepted: what cannot be answered in a while is turned away before it costs anything."""

import math
import time
import uuid
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from apps.accounts.row_security import across_organizations
from apps.common.errors import AppError
from apps.monitoring.health import CheckFailed
from apps.monitoring.metrics import QUERIES_TURNED_AWAY
from apps.queries.models import Query, Status

log = structlog.get_logger(__name__)
COUNT_KEY = "queries_waiting"
COUNTED_SECONDS = 1
RECENT_SECONDS = 60
LONGEST_WAIT_SECONDS = 300
ROOM_SHARE = 10  # who comes back shall find a tenth of the queue free, not one place for all


class TooManyWaiting(AppError):
    """So many queries wait that another one would wait too long; `retry_after_seconds` is when there will be room."""

    code = "too_many_waiting"
    status = 503


def require_room() -> None:
    """Raises TooManyWaiting where as many queries wait for a worker as may."""
    waiting, most = _waiting_lately(), settings.PARLEY.queries_waiting_most
    if waiting >= most:
        seconds = seconds_until_room(waiting, most)
        QUERIES_TURNED_AWAY.inc()
        log.warning("query_turned_away", waiting=waiting, retry_after_seconds=seconds)
        message = f"{waiting} questions wait for an answer already. Ask again in about {seconds} seconds."
        raise TooManyWaiting(message, retry_after_seconds=seconds)


def waiting_queries() -> int:
    """How many queries of all organizations wait for a worker."""
    with across_organizations("the load is everybody's"):
        count: int = Query.objects.filter(status=Status.QUEUED).count()
    return count


def seconds_until_room(waiting: int, most: int) -> int:
    """How long until a tenth of the queue is free, as fast as queries ended in the last minute."""
    wanted = waiting - most + max(1, most // ROOM_SHARE)
    ended = _ended_lately()
    if not ended:
        return RECENT_SECONDS
    return min(LONGEST_WAIT_SECONDS, max(1, math.ceil(wanted * RECENT_SECONDS / ended)))


def check_backlog() -> str:
    """How many queries wait. Raises CheckFailed where no further one is accepted."""
    waiting, most = waiting_queries(), settings.PARLEY.queries_waiting_most
    if waiting >= most:
        raise CheckFailed(f"{waiting} wait, more than {most} may not: questions are turned away")
    return f"{waiting} of at most {most} wait"


def _waiting_lately() -> int:
    """Counted once a second for all processes: a burst may overshoot by what comes in that time."""
    try:
        known = cache.get(COUNT_KEY)
        if known is None:
            known = waiting_queries()
            cache.set(COUNT_KEY, known, COUNTED_SECONDS)
        return int(known)
    except RedisError:
        return waiting_queries()


def _ended_lately() -> int:
    """Queries that ended in the last minute, among those that were accepted in the last hour: ids sort by time."""
    an_hour_ago = uuid.UUID(int=round((time.time() - 3_600) * 1000) << 80)
    since = timezone.now() - timedelta(seconds=RECENT_SECONDS)
    with across_organizations("the load is everybody's"):
        count: int = Query.objects.filter(pk__gte=an_hour_ago, ended_at__gte=since).count()
    return count
