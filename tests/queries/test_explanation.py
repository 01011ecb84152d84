"""Sentences made from rows: every number in them stands in the rows."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from apps.datasources.results import ResultColumn, ResultSet
from apps.datasources.schema import ColumnType
from apps.queries.steps.explanation import sentence


def result(*rows: tuple[Any, ...], names: tuple[str, ...] = ("value",), truncated: bool = False) -> ResultSet:
    return ResultSet(tuple(ResultColumn(name, ColumnType.OTHER) for name in names), rows, truncated, 1)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(1392,)], "Number of orders: 1,392."),
        ([(Decimal("9506586.26"),)], "Number of orders: 9,506,586.26."),
        ([(None,)], "Number of orders: there is no value."),
        ([], "Number of orders: no rows fit."),
        ([(True,)], "Number of orders: yes."),
    ],
)
def test_one_value_is_told_with_what_it_is(rows: list[tuple[Any, ...]], expected: str) -> None:
    assert sentence("number of orders", result(*rows)) == expected


def test_a_single_row_is_told_with_its_columns() -> None:
    told = sentence("best customer", result(("Acme", 12), names=("customer_name", "orders")))
    assert told == "Best customer: customer name Acme, orders 12."


def test_several_rows_are_counted_and_the_first_are_named() -> None:
    rows = [(f"C{n}", n) for n in range(12)]
    told = sentence("orders by country", result(*rows, names=("country", "orders")))
    assert told == "Orders by country: 12 rows. First: C0 (0); C1 (1); C2 (2) …"


def test_a_cut_off_result_says_so() -> None:
    told = sentence("orders", result(*[(n,) for n in range(5)], truncated=True))
    assert "more than 5 rows, of which these are shown" in told


def test_dates_and_missing_values_read_well() -> None:
    told = sentence("orders", result((dt.date(2025, 1, 1), None), (dt.date(2025, 2, 1), 3), names=("month", "orders")))
    assert told == "Orders: 2 rows. First: 2025-01-01 (none); 2025-02-01 (3)."
