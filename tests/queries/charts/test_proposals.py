"""A model's proposal chooses kind, columns and title where that is honest; none of its numbers reaches a chart."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from apps.queries.charts import ChartDraft, ChartProposal, draft_charts, draw_svg
from tests.queries.charts.shapes import COUNTRIES, result_of, shapes

QUESTION = "orders by country in 2024"
RESULT = result_of("country orders", zip(COUNTRIES, (41, 32, 28, 12, 9), strict=False))


def drawn(result: Any = RESULT, question: str = QUESTION, **proposal: Any) -> ChartDraft:
    [draft] = draft_charts(result, question, ChartProposal(**proposal))
    return draft


@pytest.mark.parametrize("kind", ["pie", "Pie Chart", "donut", "PIE_CHART"])
def test_an_honest_kind_is_taken(kind: str) -> None:
    draft = drawn(kind=kind)
    assert draft.kind == "pie"
    assert draft.notes == ()


def test_the_persons_own_wish_goes_first() -> None:
    assert drawn(question="orders by country as a bar chart", kind="pie").kind == "bar"


def test_a_pie_of_forty_shares_is_replaced_and_the_note_says_why() -> None:
    shape = shapes()["bar_others"]
    draft = drawn(shape.result, shape.question, kind="pie")
    assert draft.kind == "bar"
    assert "here are 40" in draft.notes[0]


def test_columns_are_found_in_any_case_and_what_is_not_there_is_left_out() -> None:
    result = result_of("Country_Name orders returns", [("Spain", 9, 2), ("Italy", 5, 1)])
    draft = drawn(result, "by country", kind="bar", x="country name", y="RETURNS", series="colour")
    assert draft.kind == "bar"
    assert [mark["text"] for mark in draft.spec["data"]["values"]] == ["2", "1"]
    assert 'There is no column "colour" to draw.' in draft.notes


def test_a_column_that_holds_no_numbers_is_no_measure() -> None:
    draft = drawn(y="country")
    assert draft.kind == "bar"
    assert "country cannot be drawn as a measure." in draft.notes


def test_a_proposed_order_is_taken() -> None:
    labels = [mark["x"] for mark in drawn(kind="bar", sort="label").spec["data"]["values"]]
    assert labels == sorted(labels)


@pytest.mark.parametrize(
    "title",
    [
        "Orders rose to 999",
        "41 orders from Germany",
        "Orders: 1.2k",
        "Twice as many orders from Germany",
        "Orders up 12%",
        "Three countries lead",
    ],
)
def test_a_title_that_states_numbers_never_reaches_the_chart(title: str) -> None:
    draft = drawn(title=title)
    assert draft.title == QUESTION
    assert title not in json.dumps(draft.spec)
    assert "The question is the title" in draft.notes[0]


@pytest.mark.parametrize(
    "title",
    ["<b>Orders</b>", "[Orders](https://evil.example)", "see www.evil.example", "`orders`", "{{row 1.orders}} orders"],
)
def test_a_title_with_markup_is_replaced(title: str) -> None:
    assert drawn(title=title).title == QUESTION


def test_a_plain_title_stands_also_with_the_questions_own_numbers() -> None:
    assert drawn(title="Where orders came from in 2024").title == "Where orders came from in 2024"
    years = result_of("year orders", [(2022, 4), (2023, 6), (2024, 9)])
    assert drawn(years, "orders by year", title="Orders, 2022 to 2024").title == "Orders, 2022 to 2024"


def test_a_title_is_one_bounded_line_without_marks_that_turn_it() -> None:
    title = drawn(title="Orders\nby\x00 \u202ecountry " + "and more " * 50).title
    assert len(title) <= 140
    assert title.isprintable()
    assert "\u202e" not in title


def test_numbers_made_up_beside_the_fields_are_not_even_kept() -> None:
    proposal = ChartProposal.model_validate(
        {"kind": "bar", "x": "country", "y": "orders", "data": [{"country": "Germany", "orders": 777}], "values": [777]}
    )
    [draft] = draft_charts(RESULT, QUESTION, proposal)
    assert "777" not in json.dumps(draft.spec)
    assert [mark["y"] for mark in draft.spec["data"]["values"]] == [41, 32, 28, 12, 9]


@pytest.mark.parametrize("words", [{"kind": 7}, {"x": ["country"]}, {"sort": "descending"}, {"title": None}])
def test_a_proposal_of_the_wrong_shape_counts_as_none(words: dict[str, Any]) -> None:
    assert drawn(**words).spec == draft_charts(RESULT, QUESTION)[0].spec


def test_a_proposal_is_not_changed_after_it_was_checked() -> None:
    with pytest.raises(ValidationError):
        ChartProposal(kind="bar").kind = "pie"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["bar", "grouped", "line_series", "scatter_groups", "histogram", "number", "missing"])
@pytest.mark.parametrize("kind", ["pie", "area", "stacked", "scatter", "line", "bar", "number", "histogram", "3d"])
def test_whatever_is_proposed_the_marks_are_those_of_the_rows(name: str, kind: str) -> None:
    shape = shapes()[name]
    names = [column.name for column in shape.result.columns]
    draft = drawn(shape.result, shape.question, kind=kind, x=names[-1], y=names[0], series=names[0], title="666 orders")
    assert draw_svg(draft.spec).startswith("<svg")
    assert "666" not in draft.title
    if draft.kind in ("bar", "grouped_bar", "line"):
        numbers = {float(value) for row in shape.result.rows for value in row if isinstance(value, int | float)}
        assert {mark["y"] for mark in draft.spec["data"]["values"] if mark["y"] is not None} <= numbers
