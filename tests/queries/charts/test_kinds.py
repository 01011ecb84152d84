"""Which chart a result gets, and what it looks like: shapes were drawn, looked at, and kept as structures."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from apps.queries.charts import ChartKind, chart_choices, choose_chart, column_sketches, draft_charts
from apps.queries.charts.wishes import wish_of
from tests.queries.charts.shapes import COUNTRIES, Shape, result_of, shapes
from tests.queries.charts.structures import FOLDER, drawn_structure

SHAPES = shapes()
FIVE = list(zip(COUNTRIES, (41, 32, 28, 12, 9), strict=False))


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_drawn_as_it_was_when_it_was_looked_at(name: str) -> None:
    drawn = drawn_structure(SHAPES[name])
    assert drawn["kind"] == SHAPES[name].kind
    assert drawn == json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def test_every_kept_structure_belongs_to_a_shape() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(SHAPES)
    assert {shape.kind for shape in SHAPES.values()} == {kind.value for kind in ChartKind} - {"table"}


def test_the_page_on_charts_lists_every_kind() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/charts.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [kind.value for kind in ChartKind]


@pytest.mark.parametrize(
    ("result", "question", "reason"),
    [
        (result_of("name", [("a",), ("b",)]), "names", "no column holds numbers"),
        (result_of("country n", []), "customers", "there are no rows"),
        (result_of("country customer_id", [("Spain", 4), ("Italy", 5)]), "ids", "no column holds numbers"),
        (result_of("n m", [(1, 2)]), "totals", "a single row"),
        (result_of("country n", [("Spain", None), ("Italy", None)]), "x", "no column holds numbers"),
        (result_of("country n", [("Spain", 4), ("Spain", 5)]), "sizes", "too few different values"),
        (result_of("country n", [("Spain", 4), ("Spain", 5), ("Italy", 6)]), "x", "several rows share a country"),
        (result_of("country n", FIVE), "customers by country as a table", "No chart was wanted"),
        (result_of("country n", FIVE), "customers by country, without a chart", "No chart was wanted"),
    ],
)
def test_where_no_chart_fits_the_reason_is_said(result: Any, question: str, reason: str) -> None:
    choice = choose_chart(result, question)
    assert choice.kind == ChartKind.TABLE
    assert reason in choice.notes[-1]
    assert draft_charts(result, question) == []


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("orders by country as a pie chart", ChartKind.PIE),
        ("Bar chart of sales", ChartKind.BAR),
        ("draw the trend as a line", ChartKind.LINE),
        ("a stacked bar chart, please", ChartKind.STACKED_BAR),
        ("histogram of ages", ChartKind.HISTOGRAM),
        ("Which bars serve pie?", None),
        ("How many order lines are in the area of Bonn?", None),
        ("the number of tables", None),
    ],
)
def test_a_kind_is_heard_only_where_it_is_meant(question: str, kind: ChartKind | None) -> None:
    assert wish_of(question).kind == kind


@pytest.mark.parametrize(
    ("columns", "rows", "question", "note"),
    [
        ("city n", [(f"c{at}", at + 1) for at in range(12)], "count as a pie chart", "2 to 6 shares, here are 12"),
        ("city profit", [("Bonn", 3), ("Ulm", -1)], "profit as a pie chart", "negative numbers are no shares"),
        ("city avg_age", [("Bonn", 3), ("Ulm", 1)], "ages as a pie chart", "does not add up to a whole"),
        ("city orders", [("Bonn", 3), ("Ulm", 1)], "top 2 cities as a pie chart", "only some of the shares"),
        ("city orders", [("Bonn", 3), ("Ulm", None)], "orders as a pie chart", "a share is missing"),
        ("city orders", [("Bonn", 3), ("Ulm", 1)], "orders as a line chart", "a line needs times"),
        ("city orders", [("Bonn", 3), ("Ulm", 1)], "orders as a scatter plot", "points need two measures"),
        ("year avg_age", [(2023, 3.5), (2024, -1.5)], "as an area chart", "negative numbers cannot be stacked"),
    ],
)
def test_a_wish_that_would_mislead_is_not_followed_and_the_note_says_why(
    columns: str, rows: list[Any], question: str, note: str
) -> None:
    [draft] = draft_charts(result_of(columns, rows), question)
    assert note in draft.notes[0]
    assert draft.kind in ("bar", "line")


def test_a_cut_off_result_is_no_whole_and_its_others_are_not_added_up() -> None:
    shares = result_of("status orders", [("open", 4), ("done", 9)], truncated=True)
    [draft] = draft_charts(shares, "share of orders by status")
    assert draft.kind == "bar"
    assert "cut off" in draft.notes[-1]
    many = result_of("city orders", [(f"c{at}", at) for at in range(50)], truncated=True)
    [draft] = draft_charts(many, "orders by city")
    assert not any("rest" in mark for mark in draft.spec["data"]["values"])


def test_the_others_are_the_exact_sum_of_the_rest() -> None:
    rows = [(f"c{at:03}", 10**16 - at) for at in range(200)]
    [draft] = draft_charts(result_of("city orders", rows), "orders by city")
    *_, others = draft.spec["data"]["values"]
    smallest = sorted(value for _, value in rows)[:171]
    assert others["text"] == f"{sum(smallest):,}"
    assert others["x"] == "Others (171)"


def test_an_order_that_the_sql_asked_for_is_kept() -> None:
    result = result_of("city orders", [("Ulm", 4), ("Bonn", 9), ("Aalen", 2)])
    orders = [
        [mark["x"] for mark in draft_charts(result, "orders", is_ordered=asked)[0].spec["data"]["values"]]
        for asked in (True, False, None)
    ]
    assert orders == [["Ulm", "Bonn", "Aalen"], ["Bonn", "Ulm", "Aalen"], ["Bonn", "Ulm", "Aalen"]]


def test_bars_begin_at_zero_and_no_chart_has_two_scales_for_one_direction() -> None:
    for shape in SHAPES.values():
        [draft] = draft_charts(shape.result, shape.question)
        text = json.dumps(draft.spec)
        assert "resolve" not in draft.spec
        if "bar" in draft.kind or draft.kind == "area":
            assert '"zero": false' not in text


def test_what_a_model_may_choose_from_names_columns_and_holds_no_value() -> None:
    shape: Shape = SHAPES["grouped"]
    options = chart_choices(shape.result, shape.question)
    assert {option.kind for option in options} == {ChartKind.GROUPED_BAR, ChartKind.STACKED_BAR, ChartKind.HISTOGRAM}
    said = repr(options) + repr(column_sketches(shape.result))
    assert not any(str(value) in said for row in shape.result.rows for value in row[:2])
    assert chart_choices(result_of("name", [("a",), ("b",)]), "names") == []
