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
