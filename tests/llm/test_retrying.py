"""Pauses between attempts."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from apps.llm.retrying import RetryPolicy, asked_pause


@pytest.mark.parametrize(("attempt", "most"), [(1, 4), (2, 8), (3, 10), (9, 10)])
def test_pauses_grow_within_two_and_ten_seconds(attempt: int, most: float) -> None:
    pauses = [RetryPolicy().pause(attempt) for _ in range(500)]
    assert 2 <= min(pauses) < 3
    assert most - 1.5 < max(pauses) <= most


@pytest.mark.parametrize(("given", "seconds"), [("7", 7), ("0.5", 0.5), ("", None), ("soon", None), ("-3", None)])
def test_a_pause_is_read_from_the_header(given: str, seconds: float | None) -> None:
    assert asked_pause({"retry-after": given}) == seconds


def test_a_pause_may_be_given_as_a_date() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=30)
    pause = asked_pause({"retry-after": format_datetime(moment, usegmt=True)})
    assert pause == pytest.approx(30, abs=2)


def test_a_date_that_is_over_asks_for_no_pause() -> None:
    assert asked_pause({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


def test_half_of_the_pauses_grow_with_each_attempt() -> None:
    middles = [sorted(RetryPolicy().pause(attempt) for _ in range(999))[499] for attempt in (1, 2, 3)]
    assert middles == sorted(middles)
    assert middles[0] < 3.5 < 4.5 < middles[1] < 5.6 < middles[2]


def test_fifty_that_failed_together_do_not_come_back_together() -> None:
    """F16: in no tenth of a second more of them than a worker of a few processes makes at once."""
    moments = sorted(RetryPolicy().pause(1) for _ in range(50))
    assert max(sum(start <= other < start + 0.1 for other in moments) for start in moments) <= 12


def test_a_pause_that_was_asked_for_is_never_cut_short() -> None:
    pauses = [RetryPolicy().pause(1, 7) for _ in range(200)]
    assert min(pauses) >= 7
    assert max(pauses) > 8
