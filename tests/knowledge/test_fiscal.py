"""Fiscal years as people say them, on a Saturday in November 2026."""

import datetime as dt

import pytest

from apps.knowledge.dates import find_dates
from apps.knowledge.fiscal import fiscal_at
from apps.knowledge.tokens import tokenize

TODAY = dt.date(2026, 11, 21)
APRIL = {
    "this fiscal year": ("2026-04-01", "2027-04-01"),
    "last fiscal year": ("2025-04-01", "2026-04-01"),
    "fiscal year 2025": ("2024-04-01", "2025-04-01"),
    "fiscal 2025": ("2024-04-01", "2025-04-01"),
    "FY2025": ("2024-04-01", "2025-04-01"),
    "FY25": ("2024-04-01", "2025-04-01"),
    "FY 25": ("2024-04-01", "2025-04-01"),
    "Q2 FY2025": ("2024-07-01", "2024-10-01"),
    "Q4 of fiscal year 2025": ("2025-01-01", "2025-04-01"),
    "this fiscal quarter": ("2026-10-01", "2027-01-01"),
    "last fiscal quarter": ("2026-07-01", "2026-10-01"),
    "fiscal year to date": ("2026-04-01", "2026-11-22"),
}


@pytest.mark.parametrize(("said", "expected"), APRIL.items())
def test_a_year_from_april_is_called_after_the_year_it_ends_in(said: str, expected: tuple[str, str]) -> None:
    found = fiscal_at([token.text for token in tokenize(said)], 0, TODAY, 4)
    assert found is not None
    assert (found.first.isoformat(), found.after.isoformat()) == expected
    assert found.length == len(tokenize(said))


@pytest.mark.parametrize(
    "said", ["year 2025", "fy", "FY1", "fiscal", "fiscal year", "Q2 2025", "FY9999", "FY20255", ""]
)
def test_other_words_are_no_fiscal_year(said: str) -> None:
    assert fiscal_at([token.text for token in tokenize(said)], 0, TODAY, 4) is None


@pytest.mark.parametrize(("month", "first"), [(1, "2026-01-01"), (11, "2026-11-01"), (12, "2025-12-01")])
def test_the_running_fiscal_year_holds_today_whatever_month_it_begins_in(month: int, first: str) -> None:
    found = fiscal_at(["this", "fiscal", "year"], 0, TODAY, month)
    assert found is not None
    assert found.first.isoformat() == first
    assert found.first <= TODAY < found.after


def test_the_learned_engine_reads_them_too() -> None:
    (span,) = find_dates(tokenize("revenue of the last fiscal year"), TODAY, 7)
    assert (span.first, span.after) == (dt.date(2025, 7, 1), dt.date(2026, 7, 1))
