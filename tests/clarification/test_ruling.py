"""Rules at work on readings made by hand."""

from typing import Any

import pytest
from sqlglot import parse_one

from apps.clarification.readings import Choice, ChoiceField, KnownRule, Reading
from apps.clarification.ruling import narrowed_by_rules, normalised, settled_by_rules
from apps.clarification.stored import from_json, to_json


def reading(score: float, **labels: str) -> Reading:
    """A reading that takes these labels at points of metrics; an underscore stands for a space in the phrase."""
    choices = tuple(
        Choice(ChoiceField.METRIC, phrase.replace("_", " "), label, label) for phrase, label in labels.items()
    )
    return Reading(parse_one("SELECT 1"), score, choices=choices)


def rule(phrase: str, label: str, **fields: Any) -> KnownRule:
    return KnownRule(fields.get("id", "1"), fields.get("field", ChoiceField.METRIC), phrase, label, f"by {phrase}")


INVOICED, RECEIVED = reading(0.45, revenue="Invoiced"), reading(0.4, revenue="Received")


def test_the_readings_of_its_label_are_kept_and_name_it() -> None:
    [kept] = narrowed_by_rules([INVOICED, RECEIVED], [rule("revenue", "Received")])
    assert kept.score == pytest.approx(0.85)
    assert (kept.choices, kept.assumptions) == ((), ("by revenue",))
    assert [one.label for one in kept.rules] == ["Received"]


@pytest.mark.parametrize(
    "known",
    [
        rule("revenue", "Gone"),  # no reading takes it any more
        rule("income", "Received"),  # another phrase
        rule("revenue", "Received", field=ChoiceField.FILTER),  # another kind of point
    ],
)
def test_a_rule_that_is_about_something_else_changes_nothing(known: KnownRule) -> None:
    assert narrowed_by_rules([INVOICED, RECEIVED], [known]) == [INVOICED, RECEIVED]


def test_where_the_readings_agree_no_rule_is_named() -> None:
    alike = [INVOICED, reading(0.3, revenue="Invoiced")]
    assert narrowed_by_rules(alike, [rule("revenue", "Invoiced")]) == alike
    assert narrowed_by_rules([INVOICED], [rule("revenue", "Invoiced")]) == [INVOICED]
    assert narrowed_by_rules([], [rule("revenue", "Invoiced")]) == []


def test_what_is_hardly_meant_does_not_become_the_answer_by_a_rule() -> None:
    clear = [reading(0.9, revenue="Invoiced"), reading(0.1, revenue="Received")]
    assert narrowed_by_rules(clear, [rule("revenue", "Received")]) == clear


def test_the_first_rule_for_a_point_counts_and_each_point_has_its_own() -> None:
    readings = [
        reading(0.25, revenue=one, Sales_Region=two) for one in ("Invoiced", "Received") for two in ("North", "South")
    ]
    rules = [rule("revenue", "Received"), rule("revenue", "Invoiced", id="2"), rule("sales region", "South", id="3")]
    [kept] = narrowed_by_rules(readings, rules)
    assert [(one.id, one.label) for one in kept.rules] == [("1", "Received"), ("3", "South")]


def test_case_and_spaces_do_not_tell_phrases_apart() -> None:
    assert normalised("  Net\tREVENUE ") == normalised("net revenue")
    assert normalised("netrevenue") != normalised("net revenue")


def test_a_rule_settles_nothing_that_was_not_understood() -> None:
    known = [rule("revenue", "Received")]
    understood = narrowed_by_rules([INVOICED, RECEIVED], known)
    assert settled_by_rules(understood, 0.6) == {(ChoiceField.METRIC, "revenue"): "Received"}
    guesses = narrowed_by_rules([reading(0.2, revenue="Invoiced"), reading(0.15, revenue="Received")], known)
    assert settled_by_rules(guesses, 0.6) == {}


def test_what_a_rule_settled_is_still_known_after_a_clarification() -> None:
    ruled = narrowed_by_rules([INVOICED, RECEIVED], [rule("revenue", "Received")])
    stored = to_json(ruled, "sqlite")
    assert from_json(stored, "sqlite")[0].rules == ruled[0].rules
    for row in stored:
        del row["rules"]  # as before there were rules
    assert from_json(stored, "sqlite")[0].rules == ()
