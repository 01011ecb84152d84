"""Rules at work on readings made by hand."""

from dataclasses import replace
from typing import Any

import pytest
from sqlglot import parse_one

from apps.clarification.choosing import Chosen, Decline, Policy, choose_reading
from apps.clarification.probed import Probed
from apps.clarification.readings import Choice, ChoiceField, KnownRule, Reading
from apps.clarification.ruling import narrowed_by_rules, normalised, settled_by_rules
from apps.clarification.stored import from_json, to_json
from apps.datasources.guard import check_sql
from apps.datasources.results import ResultColumn, ResultSet
from apps.datasources.schema import ColumnType


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


def seen(score: float, label: str, rows: int) -> Probed:
    """A reading that a rule of this label settled, and that brings so many."""
    columns = (ResultColumn("n", ColumnType.INTEGER),)
    [kept] = narrowed_by_rules([reading(score / 2, revenue=label), reading(score / 2, revenue="-")],
                               [rule("revenue", label)])  # fmt: skip
    result = ResultSet(columns, ((rows,),), truncated=False, duration_ms=1)
    return Probed(kept, check_sql("SELECT 1", dialect="sqlite"), result)


def test_what_was_understood_but_for_the_rules_point_is_answered_however_it_is_worded() -> None:
    alike = [seen(0.45, "Received", 7), seen(0.4, "Received", 7)]
    settled = settled_by_rules(alike, 0.6)
    assert settled == {(ChoiceField.METRIC, "revenue"): "Received"}
    assert isinstance(choose_reading(alike, Policy(0.6, settled=settled)), Chosen)
    assert isinstance(choose_reading(alike, Policy(0.6)), Decline)


def test_a_rule_makes_no_guess_an_answer() -> None:
    assert settled_by_rules([seen(0.2, "Received", 7), seen(0.15, "Received", 7)], 0.6) == {}  # hardly understood
    assert settled_by_rules([seen(0.45, "Received", 7), seen(0.4, "Received", 8)], 0.6) == {}  # still two answers
    unread = seen(0.85, "Received", 7)
    unread = replace(unread, reading=replace(unread.reading, unexplained=("whales",)))
    assert settled_by_rules([unread], 0.6) == settled_by_rules([], 0.0) == {}


def test_what_a_rule_settled_is_still_known_after_a_clarification() -> None:
    ruled = narrowed_by_rules([INVOICED, RECEIVED], [rule("revenue", "Received")])
    stored = to_json(ruled, "sqlite")
    assert from_json(stored, "sqlite")[0].rules == ruled[0].rules
    for row in stored:
        del row["rules"]  # as before there were rules
    assert from_json(stored, "sqlite")[0].rules == ()
