"""Results that were not meant for charts: markup, paths, numbers beyond float, very many rows."""

import datetime as dt
import json
import random
import time
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.datasources.schema import ColumnType
from apps.queries.charts import ChartTooLarge, draft_charts, draw_png, draw_svg
from apps.queries.charts.columns import NONE
from tests.queries.charts.shapes import result_of, shapes

SCRIPT = "<script>alert(1)</script>"


def test_markup_in_names_values_and_question_stays_text() -> None:
    result = result_of(["a.b[0]<img src=x onerror=y>", "x'y\"</svg>"], [(SCRIPT, 3), ("</svg><a href=x>", 2)])
    svg = draw_svg(draft_charts(result, f"orders {SCRIPT}")[0].spec)
    tags = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "path", "text", "rect", "line", "defs", "clipPath", "tspan"}
    assert SCRIPT not in svg


@pytest.mark.parametrize("name", ["datum.y", "a\\.b", "${x}", "x:Q", "sum(y)", "__proto__", "", " ", "a" * 300, "\x00"])
def test_a_name_is_never_a_path_or_an_expression(name: str) -> None:
    result = result_of([name, "count"], [("Bonn", 5), ("Ulm", 3)])
    assert "Bonn" in draw_svg(draft_charts(result, "how many")[0].spec)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1e400"),
        10**400,
        None,
    ],
)
def test_what_no_picture_can_hold_is_left_out(value: Any) -> None:
    kinds = [ColumnType.TEXT, ColumnType.DECIMAL]
    result = result_of("city total", [("Bonn", value), ("Ulm", Decimal(3)), ("Köln", Decimal(5))], kinds)
    [draft] = draft_charts(result, "total by city")
    assert sorted(mark["y"] for mark in draft.spec["data"]["values"] if mark["y"] is not None) == [3, 5]
    assert "NaN" not in json.dumps(draft.spec["data"]).replace('"NaN"', "")
    assert draw_svg(draft.spec)


@pytest.mark.parametrize("value", [Decimal("8784581.93"), 2**60, 0, Decimal("0.000001"), Decimal("-12.50")])
def test_a_single_number_is_drawn_exactly(value: Any) -> None:
    [chart] = draft_charts(result_of("n", [(value,)]), "n")
    assert f">{value:,}<" in draw_svg(chart.spec)


def test_exact_decimals_stand_in_the_labels_of_bars() -> None:
    result = result_of("city total", [("Bonn", Decimal("9007199254740993.10")), ("Ulm", Decimal("0.10"))])
    [draft] = draft_charts(result, "total by city")
    assert [mark["text"] for mark in draft.spec["data"]["values"]] == ["9,007,199,254,740,993.10", "0.10"]


@pytest.mark.parametrize("value", [Decimal("sNaN"), Decimal("NaN"), 10**400])
def test_others_are_not_added_up_where_one_of_them_is_no_number(value: Any) -> None:
    rows = [(f"c{at}", Decimal(at)) for at in range(50)]
    rows[7] = ("odd", value)
    [draft] = draft_charts(result_of("city total", rows, [ColumnType.TEXT, ColumnType.DECIMAL]), "total by city")
    assert not any("rest" in mark for mark in draft.spec["data"]["values"])


def test_labels_that_shortening_made_equal_stay_apart() -> None:
    long = "a" * 20 + "{}" + "b" * 60
    [draft] = draft_charts(result_of("name n", [(long.format("x" * 9 + str(at)), 5 - at) for at in range(3)]), "n")
    assert len({mark["x"] for mark in draft.spec["data"]["values"]}) == 3


def test_a_missing_label_and_one_that_reads_like_it_stay_apart() -> None:
    [draft] = draft_charts(result_of("name n", [(None, 3), (NONE, 2)]), "n")
    assert len({mark["x"] for mark in draft.spec["data"]["values"]}) == 2


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        ("city orders", lambda at: (f"city {at}", at % 977)),
        ("day visits", lambda at: (dt.date(1800, 1, 1) + dt.timedelta(days=at), at % 977)),
        ("height weight", lambda at: (at * 0.5, at % 977)),
        ("age", lambda at: (at % 91,)),
        ("a b n", lambda at: (f"a{at % 400}", f"b{at // 400}", at)),
    ],
)
def test_a_hundred_thousand_rows_become_few_marks_in_little_time(columns: str, row: Any) -> None:
    result = result_of(columns, map(row, range(60_000)))
    started = time.thread_time()
    drafts = draft_charts(result, "distribution")
    assert time.thread_time() - started < 3
    assert all(len(draft.spec["data"]["values"]) <= 1_000 for draft in drafts)


def test_a_long_line_keeps_its_peak_and_says_that_points_are_left_out() -> None:
    dice = random.Random(3)
    days = [(dt.date(2000, 1, 1) + dt.timedelta(days=at), dice.randrange(100)) for at in range(5_000)]
    days[3_333] = (days[3_333][0], 10_000)
    [draft] = draft_charts(result_of("day visits", days), "visits over time")
    assert max(mark["y"] for mark in draft.spec["data"]["values"]) == 10_000
    assert "of 5,000 points are drawn" in draft.notes[-1]


def test_a_day_stays_a_day_whatever_the_servers_zone() -> None:
    day = dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=13)))
    [draft] = draft_charts(result_of("day n", [(day + dt.timedelta(days=at), at) for at in range(4)]), "over time")
    assert draft.spec["data"]["values"][0]["x"] == "2024-01-01T00:00:00Z"


def test_nothing_is_fetched_and_pictures_are_bounded() -> None:
    spec = draft_charts(shapes()["bar"].result, "customers")[0].spec
    elsewhere = {**spec, "data": {"url": "http://127.0.0.1:9/data.json"}}
    with pytest.raises(ValueError, match=r"(?i)not allowed|allowed|base url|access"):
        draw_svg(elsewhere)
    with pytest.raises(ChartTooLarge):
        draw_svg({**spec, "data": {"values": [{"x": "a", "y": 1}] * 10_001}})
    with pytest.raises(ChartTooLarge):
        draw_png({**spec, "data": {"values": [{"x": "a" * 900, "y": 1}] * 5_000}})


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x1b", "\uffff", "\ufffe", "\ud800", "\u2028", "\x85"])
def test_no_character_ends_the_process_that_draws(character: str) -> None:
    spec = draft_charts(shapes()["bar"].result, "customers")[0].spec
    hostile = {**spec, "title": character, "data": {"values": [{"x": f"a{character}b", "y": 1, "text": character}]}}
    assert "\N{REPLACEMENT CHARACTER}" in draw_svg(hostile) or character == "\x85"
    assert draw_png({**hostile, "title": "a" * 200_000}, 1)


def test_a_png_is_a_png_of_a_bounded_scale() -> None:
    spec = draft_charts(shapes()["number"].result, "revenue")[0].spec
    small, large = draw_png(spec, 1), draw_png(spec, 400)
    assert small.startswith(b"\x89PNG")
    assert int.from_bytes(large[16:20]) == 4 * int.from_bytes(small[16:20])


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(allow_nan=True), st.text(max_size=12), st.dates(),
    st.datetimes(), st.times(), st.binary(max_size=4), st.lists(st.integers(), max_size=2),
)  # fmt: skip
NAMES = st.sampled_from("id year month total n avg_price share_percent name date status day hour email x-y a.b".split())


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_result_makes_the_choice_fail(data: st.DataObject) -> None:
    names = data.draw(st.lists(NAMES, min_size=1, max_size=4))
    columns = [data.draw(st.sampled_from([cells, st.integers(-5, 3_000), st.sampled_from("abc")])) for _ in names]
    rows = data.draw(st.lists(st.tuples(*columns), max_size=12))
    question = data.draw(
        st.sampled_from(["share of x", "over time", "as a pie chart", "how many", "compare", "as a line"])
    )
    for draft in draft_charts(result_of(names, rows), question):
        json.dumps(draft.spec, allow_nan=False)
