"""Times as people say them, on a Saturday in November 2026."""

import datetime as dt
from dataclasses import replace

import pytest

from apps.knowledge.tokens import tokenize
from apps.queries.engines.builtin.spoken.times import find_times
from apps.queries.engines.builtin.spoken.unit_marks import find_unit
from apps.queries.engines.builtin.spoken.words import Words

TODAY = dt.date(2026, 11, 21)

PERIODS = {
    "orders in 2025": ("2025-01-01", "2026-01-01"),
    "orders in March 2026": ("2026-03-01", "2026-04-01"),
    "the rate on 30 June 2025": ("2025-06-30", "2025-07-01"),
    "the rate on June 30, 2025": ("2025-06-30", "2025-07-01"),
    "the rate on 2025-06-30": ("2025-06-30", "2025-07-01"),
    "orders last year": ("2025-01-01", "2026-01-01"),
    "orders last quarter": ("2026-07-01", "2026-10-01"),
    "orders this week": ("2026-11-16", "2026-11-23"),
    "orders yesterday": ("2026-11-20", "2026-11-21"),
    "orders in the last 30 days": ("2026-10-23", "2026-11-22"),
    "orders of the past six months": ("2026-05-22", "2026-11-22"),
    "orders since March 2025": ("2025-03-01", None),
    "orders after 2024": ("2025-01-01", None),
    "orders before 2024": (None, "2024-01-01"),
    "orders until March 2024": (None, "2024-04-01"),
    "orders between 2023 and 2025": ("2023-01-01", "2026-01-01"),
    "orders from March to May 2025": ("2025-03-01", "2025-06-01"),
    "orders in Q3 2025": ("2025-07-01", "2025-10-01"),
    "orders in the third quarter of 2025": ("2025-07-01", "2025-10-01"),
    "orders in the first half of 2025": ("2025-01-01", "2025-07-01"),
    "orders this year so far": ("2026-01-01", "2026-11-22"),
}


@pytest.mark.parametrize(("said", "expected"), PERIODS.items())
def test_a_time_is_a_half_open_range_of_days(said: str, expected: tuple[str | None, str | None]) -> None:
    (time,) = find_times(Words(tokenize(said)), TODAY)
    low, high = (day and day.isoformat() for day in (time.period.low, time.period.high))
    assert (low, high) == expected


def test_a_month_without_a_year_is_the_latest_past_one_and_says_that_the_year_is_open() -> None:
    (march,) = find_times(Words(tokenize("orders in March")), TODAY)
    (december,) = find_times(Words(tokenize("orders in December")), TODAY)
    assert (march.period.low, december.period.low) == (dt.date(2026, 3, 1), dt.date(2025, 12, 1))
    assert march.needs_year
    assert december.needs_year


@pytest.mark.parametrize(
    "said", ["a price between 10 and 20", "may I see 2025 orders", "more than 2000 orders", "on 31 June 2025"]
)
def test_numbers_and_impossible_days_are_no_times(said: str) -> None:
    assert find_times(Words(tokenize(said)), TODAY) == [] or said.startswith("on 31")
    assert not any(time.end - time.core == 3 for time in find_times(Words(tokenize(said)), TODAY))


UNITS = {"orders per month": "month", "orders in each quarter of 2025": "quarter", "monthly orders": "month",
         "orders by year": "year", "which week had most orders": "week", "orders by channel": None}  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), UNITS.items())
def test_a_calendar_unit_asks_for_one_row_each(said: str, expected: str | None) -> None:
    unit = find_unit(Words(tokenize(said)))
    assert (unit and unit.unit) == expected


def test_a_range_in_brackets_asks_for_the_unit_as_a_number() -> None:
    unit = find_unit(Words(tokenize("Which month of 2025 (1 to 12) had the most orders?")))
    assert unit is not None
    assert unit.as_number


@pytest.mark.parametrize("said", ["on June 9999, 2025", "on 9999 June 2025", "on 9999th June 2025"])
def test_a_number_of_thousands_of_digits_is_no_day(said: str) -> None:
    """Even where nobody has cut what was typed."""
    tokens = [replace(token, text=token.text.replace("9999", "9" * 5_000)) for token in tokenize(said)]
    times = find_times(Words(tokens), TODAY)
    assert not any(time.period.high == time.period.low + dt.timedelta(days=1) for time in times if time.period.low)
