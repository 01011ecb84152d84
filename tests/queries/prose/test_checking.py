"""What is found about each number of a text: cases.toml, and properties over random tables."""

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.queries.prose import Facts, Support, check, honest
from apps.queries.prose.numbers import numbers_in
from tests.queries.charts.shapes import result_of
from tests.queries.prose.false_acceptance import measured
from tests.queries.prose.tables import CASES, case_result, random_result


@pytest.mark.parametrize("case", CASES["case"], ids=[case["title"] for case in CASES["case"]])
def test_a_text_is_checked_as_its_case_says(case: dict[str, Any]) -> None:
    facts = Facts(texts=[case["question"]] if "question" in case else [], sql=case.get("sql", ""))
    outcome = honest(case["text"], case_result(case["table"]), facts)
    assert [[one.text, one.support.value] for one in outcome.findings.numbers] == case["numbers"]
    assert outcome.text == case.get("kept", case["text"])
    assert outcome.findings == check(case["text"], case_result(case["table"]), facts)
    for one in outcome.findings.numbers:
        assert case["text"][slice(*one.span)] == one.text
        assert one.how


def written_forms(value: Decimal) -> list[str]:
    """A number in every way that a model may write it."""
    forms = [f"{value:,}", f"{value}", f"${value:,}", f"{value:,} EUR", f"({value:,})", f"**{value:,}**"]
    if value == int(value) and value < 10**6:
        forms += [f"{int(value):,}".replace(",", "\N{NARROW NO-BREAK SPACE}"), f"{int(value):,}".replace(",", "'")]
    if value >= 10_000:
        forms.append(f"{value / 1_000:.1f}k")
    return forms


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 40))
def test_any_number_of_the_rows_is_found_however_it_is_written(dice: random.Random, row_count: int) -> None:
    result = random_result(dice, row_count, most=90_000)
    name, orders, amount = dice.choice(result.rows)
    for value in (Decimal(orders), amount):
        for form in written_forms(value):
            found = check(f"{name} comes to {form} here.", result).numbers
            assert [one.support for one in found] == [Support.ROWS], form


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 50), st.integers(1, 100_000))
def test_a_wrong_number_is_never_believed_where_no_operation_is_named(
    dice: random.Random, row_count: int, number: int
) -> None:
    result = random_result(dice, row_count)
    name, orders, amount = dice.choice(result.rows)
    near = [Decimal(orders), amount]
    if any(abs(value - number) <= max(Decimal("0.5"), abs(value) / 100) for value in near):
        return
    outcome = honest(f"{name} comes to {number:,} here.", result)
    assert outcome.text == ""
    assert [one.support for one in outcome.findings.numbers] == [Support.UNSUPPORTED]


def test_wrong_numbers_pass_as_seldom_as_the_decision_says() -> None:
    for swapped in (False, True):
        rates = measured(tables=12, seed=5, swapped=swapped)
        assert rates["a name beside it"] == 0
        if swapped:  # a cell of three rows with nothing beside it is no wrong number
            del rates["nothing beside it"]
        assert max(rates.values()) <= 0.02, rates


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_no_text_makes_the_check_fail(text: str) -> None:
    outcome = honest(text, case_result("customers"))
    for one in outcome.findings.numbers:
        assert text[slice(*one.span)] == one.text
    assert sum(map(len, outcome.dropped)) + len(outcome.text) <= len(text) + len(text.splitlines()) + 1


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,234.5", ["1234.5"]),
        ("1.234,5", ["1234.5"]),
        ("-3.2 million", ["-3200000.0"]),
        ("1.2k", ["1200.0"]),
        ("a dozen", ["12"]),
        ("three dozen", ["36"]),
        ("seventy-five percent", ["75"]),
        ("five hundred", ["500"]),
        ("3 of 7", ["3", "7"]),
        ("5-10", ["5", "10"]),
        ("the 3rd", ["3"]),
        ("1e3", ["1000"]),
        ("2.5x", ["2.5"]),
        (".5", ["0.5"]),
        ("Q3 of A4", []),
        ("99 percentage points", ["99"]),
    ],
)
def test_numbers_are_read_in_every_form(text: str, values: list[str]) -> None:
    assert [one.value for one in numbers_in(text)] == [Decimal(value) for value in values]


def test_missing_values_truth_values_and_what_is_not_finite_are_no_numbers() -> None:
    rows = [("Ulm", None, True, float("nan")), ("Bonn", 4, False, float("inf"))]
    result = result_of("city orders paid ratio", rows)
    found = check("Ulm has 0 orders. Ulm has 1 here. Bonn has 4 orders.", result).numbers
    assert [one.support for one in found] == [Support.UNSUPPORTED, Support.UNSUPPORTED, Support.ROWS]


def test_a_very_long_text_is_read_in_part_and_a_huge_number_breaks_nothing() -> None:
    result = case_result("customers")
    assert len(honest("Germany has 41 customers. " * 5_000, result).text) <= 10_000
    assert honest(f"Germany has {'9' * 5_000} customers. Germany has 1e999 customers.", result).text == ""
