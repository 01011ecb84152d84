import datetime as dt

import pytest

from apps.knowledge.dates import find_dates
from apps.knowledge.tokens import tokenize

TODAY = dt.date(2026, 1, 15)


@pytest.mark.parametrize(
    ("words", "first", "after"),
    [
        ("in March 2024", "2024-03-01", "2024-04-01"),
        ("on November 5th, 2007", "2007-11-05", "2007-11-06"),
        ("5 November 2007", "2007-11-05", "2007-11-06"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("last quarter", "2025-10-01", "2026-01-01"),
        ("this month", "2026-01-01", "2026-02-01"),
        ("last month", "2025-12-01", "2026-01-01"),
        ("year to date", "2026-01-01", "2026-01-16"),
        ("past 30 days", "2025-12-17", "2026-01-16"),
        ("Q4 2025", "2025-10-01", "2026-01-01"),
        ("yesterday", "2026-01-14", "2026-01-15"),
        ("December 2025", "2025-12-01", "2026-01-01"),
    ],
)
def test_spans_of_days_are_read(words: str, first: str, after: str) -> None:
    (span,) = find_dates(tokenize(words), TODAY)
    assert (span.first.isoformat(), span.after.isoformat()) == (first, after)


@pytest.mark.parametrize(
    "words", ["may I see the orders", "February 30, 2024", "the last order", "march of the penguins"]
)
def test_words_that_only_look_like_dates_are_left_alone(words: str) -> None:
    assert find_dates(tokenize(words), TODAY) == []
