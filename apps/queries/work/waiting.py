"""Waiting for a query's outcome without holding a connection of ours."""

import re
import time

from apps.common.connections import release_connection
from apps.queries.models import Query, Status

LONGEST_WAIT_SECONDS = 60
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.25


def preferred_wait(header: str) -> float:
    """The seconds of `Prefer: wait=…` (RFC 7240), bounded; 0 where the header does not ask to wait."""
    found = re.search(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", header)
    return min(float(found.group(1)), LONGEST_WAIT_SECONDS) if found else 0.0


def wait_for_outcome(query: Query, seconds: float) -> bool:
    """True as soon as no worker has to do anything more for this query, False after `seconds`."""
    end = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        status = Query.objects.for_org(query.organization).filter(pk=query.pk).values_list("status", flat=True).get()
        if not Status(status).is_waiting:
            return True
        release_connection()
        left = end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
