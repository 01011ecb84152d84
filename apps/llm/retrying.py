"""When another attempt may help, and how long to wait for it. No Django here."""

import email.utils
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

RETRIED_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})


@dataclass(frozen=True)
class RetryPolicy:
    """At most `retries` further attempts, with pauses between `first_seconds` and `longest_seconds`.

    All calls of a question together make at most `retries_in_all`: a question of many calls is no hammer.
    """

    retries: int = 3
    first_seconds: float = 2
    longest_seconds: float = 10
    retries_in_all: int = 12

    def pause(self, attempt: int, asked_seconds: float | None = None) -> float:
        """Seconds to wait after the attempt of that number (from 1), by chance within bounds that double each time.

        Where the endpoint asked for a pause, that and a little more. The spread keeps workers that failed together, or
        were told the same, from coming back together.
        """
        if asked_seconds is not None:
            return asked_seconds + random.uniform(0, self.first_seconds)  # noqa: S311 - no secret hangs on it
        most: float = min(self.longest_seconds, self.first_seconds * 2**attempt)
        return random.uniform(self.first_seconds, most)  # noqa: S311


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date; None without a usable one."""
    given = headers.get("retry-after", "").strip()
    if given.replace(".", "", 1).isdigit():
        return float(given)
    try:
        moment = email.utils.parsedate_to_datetime(given)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())


@dataclass(frozen=True)
class Clock:
    """The time that all attempts of all calls together may take. `ends_at` is on `time.monotonic`."""

    ends_at: float

    def left(self) -> float:
        return self.ends_at - time.monotonic()
