"""Which chart a result gets, and that its data are the rows."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from apps.datasources.results import ResultColumn, ResultSet
from apps.datasources.schema import ColumnType
from apps.queries.charts import MOST_BARS, ChartDraft, draft_charts
from apps.queries.drawing import draw_svg

TEXT, INTEGER, DECIMAL, DATE = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.DATE


def draft(columns: list[tuple[str, ColumnType]], rows: list[tuple[Any, ...]]) -> list[ChartDraft]:
    result = ResultSet(tuple(ResultColumn(*column) for column in columns), tuple(rows), truncated=False, duration_ms=1)
    return draft_charts(result, "Title")


COUNTRIES = [("Germany", 5), ("France", 3)]
MONTHS = [(dt.date(2025, month, 1), Decimal(month)) for month in range(1, 5)]


@pytest.mark.parametrize(
    ("columns", "rows", "kind"),
    [
        ([("n", INTEGER)], [(7,)], "number"),
        ([("country", TEXT), ("n", INTEGER)], COUNTRIES, "bar"),
        ([("month", DATE), ("total", DECIMAL)], MONTHS, "line"),
        ([("year", INTEGER), ("total", DECIMAL)], [(2024, Decimal(1)), (2025, Decimal(2))], "line"),
        ([("price", DECIMAL), ("stock", INTEGER)], [(Decimal(1), 2), (Decimal(3), 4)], "scatter"),
    ],
)
def test_the_kind_follows_from_the_columns(columns: list[Any], rows: list[Any], kind: str) -> None:
    [chart] = draft(columns, rows)
    assert chart.kind == kind
    assert draw_svg(chart.spec).startswith("<svg")


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ([("name", TEXT)], [("a",), ("b",)]),
        ([("country", TEXT), ("n", INTEGER)], [("Germany", 5)]),
        ([("a", TEXT), ("b", TEXT), ("n", INTEGER)], [("x", "y", 1), ("z", "w", 2)]),
        ([("country", TEXT), ("n", INTEGER)], [(str(n), n) for n in range(MOST_BARS + 1)]),
        ([("country", TEXT), ("customer_id", INTEGER)], COUNTRIES),
        ([("country", TEXT), ("n", INTEGER)], []),
    ],
)
def test_what_would_not_be_read_gets_no_chart(columns: list[Any], rows: list[Any]) -> None:
    assert draft(columns, rows) == []


def test_the_data_of_a_chart_are_the_rows() -> None:
    [chart] = draft([("country", TEXT), ("n", INTEGER)], COUNTRIES)
    assert chart.spec["data"]["values"] == [{"c0": "Germany", "c1": 5}, {"c0": "France", "c1": 3}]


def test_a_column_whose_name_looks_like_a_path_is_drawn() -> None:
    [chart] = draft([("a.b[0]", TEXT), ("x'y", INTEGER)], COUNTRIES)
    assert "Germany" in draw_svg(chart.spec)


def test_a_missing_value_and_a_huge_number_are_borne() -> None:
    [chart] = draft([("country", TEXT), ("n", INTEGER)], [("Germany", None), (None, 10**18)])
    assert draw_svg(chart.spec)


@pytest.mark.parametrize("value", [Decimal("8784581.93"), 2**60, 0, Decimal("0.000001")])
def test_a_single_number_is_drawn_exactly(value: Any) -> None:
    [chart] = draft([("n", DECIMAL)], [(value,)])
    assert f">{value:,}<" in draw_svg(chart.spec)
