"""What another engine makes of a question beside the readings: it confirms, opens or disputes them."""

from dataclasses import replace
from typing import Any

import pytest

from apps.clarification.choosing import Ask, Chosen, Policy, choose_reading, narrow
from apps.clarification.opinions import CONFIRMED, disputed
from apps.clarification.readings import ChoiceField
from tests.clarification.test_choosing import probed

POLICY = Policy(threshold=0.5)


def by_model(score: float, rows: Any, label: str = "", explanation: str = "by the model") -> Any:
    return probed(score, rows, label, explanation, engine="model")


def other(score: float, rows: Any, label: str = "", explanation: str = "by rules") -> Any:
    return probed(score, rows, label, explanation, engine="builtin", second_opinion=True, is_shared=bool(label))


def test_the_same_rows_make_a_reading_surer() -> None:
    choice = choose_reading([by_model(0.6, [(1,)]), other(0.9, [(1,)])], POLICY)
    assert isinstance(choice, Chosen)
    assert choice.confidence == pytest.approx(0.6 + 0.4 * CONFIRMED * 0.9)
    assert choice.probed.reading.engine == "model"


def test_no_rows_at_all_confirm_nothing() -> None:
    choice = choose_reading([by_model(0.6, []), other(0.9, [])], POLICY)
    assert isinstance(choice, Chosen)
    assert choice.confidence == 0.6


def test_the_reading_that_is_confirmed_need_not_be_the_likeliest() -> None:
    found = disputed([by_model(0.4, [(1,)], "A"), by_model(0.35, [(2,)], "B"), other(0.95, [(2,)])])
    assert max(found, key=lambda one: one.reading.score).reading.choices[0].label == "B"
    assert len(found) == 2


def test_other_rows_are_asked_about_whole_reading_against_whole_reading() -> None:
    ask = choose_reading([by_model(0.72, [(1,)]), other(0.9, [(2,)])], POLICY)
    assert isinstance(ask, Ask)
    assert (ask.field, {option.label for option in ask.options}) == (ChoiceField.OTHER, {"by the model", "by rules"})
    assert [reading.explanation for reading in narrow(ask.readings, {(ask.field, ask.phrase): "by the model"})] == [
        "by the model"
    ]


def test_where_nobody_may_be_asked_the_dispute_is_told_and_lowers_confidence() -> None:
    choice = choose_reading([by_model(0.72, [(1,)]), other(0.7, [(2,)])], Policy(threshold=0.5, may_ask=False))
    assert isinstance(choice, Chosen)
    assert choice.probed.reading.explanation == "by the model"
    assert choice.assumptions == ("The question can be read in 2 ways; the likeliest is taken: by the model.",)


def test_readings_that_say_the_same_of_themselves_are_told_apart_by_their_sql() -> None:
    against = other(0.9, [(2,)], explanation="number of orders")
    against = replace(against, safe_sql=replace_sql(against.safe_sql))
    found = disputed([by_model(0.72, [(1,)], explanation="number of orders"), against])
    assert len({one.reading.choices[0].label for one in found}) == 2


def replace_sql(safe_sql: Any) -> Any:
    from apps.datasources.guard import check_sql

    return check_sql("SELECT 2", dialect=safe_sql.dialect)


def test_a_meaning_that_only_the_other_engine_sees_is_asked_about() -> None:
    """A model that quietly picks one of two revenues does not hide that there are two."""
    ask = choose_reading(
        [by_model(0.72, [(1204,)]), other(0.48, [(1204,)], "Invoiced"), other(0.46, [(999,)], "Received")], POLICY
    )
    assert isinstance(ask, Ask)
    assert [option.label for option in ask.options] == ["Invoiced", "Received"]
    assert ask.readings[0].engine == "model"


def test_what_the_model_asks_about_itself_is_asked_in_its_words() -> None:
    readings = [
        by_model(0.4, [(1,)], "A"),
        by_model(0.38, [(2,)], "B"),
        other(0.5, [(1,)], "X"),
        other(0.45, [(3,)], "Y"),
    ]
    ask = choose_reading(readings, POLICY)
    assert isinstance(ask, Ask)
    assert {option.label for option in ask.options} == {"A", "B"}


def test_a_second_opinion_that_was_not_seen_says_nothing() -> None:
    choice = choose_reading([by_model(0.6, [(1,)]), other(0.9, None)], POLICY)
    assert isinstance(choice, Chosen)
    assert choice.confidence == 0.6
