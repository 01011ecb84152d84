"""Shapes of answers that models really give."""

import pytest
from pydantic import ValidationError

from apps.clarification.readings import ChoiceField
from apps.queries.engines.model.answer import Answer

ONE = {"sql": "SELECT 1", "explanation": "one"}
ACCEPTED = {
    "as asked for": {"readings": [ONE]},
    "with a further field": {"readings": [{**ONE, "notes": 1}], "thoughts": "…"},
    "a bare list": [ONE],
    "a single reading": ONE,
    "a reading that is no list": {"readings": ONE},
    "wrapped in query": {"query": {"readings": [ONE]}},
    "wrapped twice": {"result": {"answer": [ONE]}},
    "sql under query": {"query": "SELECT 1", "explanation": "one"},
    "a fence around the SQL": {"readings": [{**ONE, "sql": "```sql\nSELECT 1\n```"}]},
}


@pytest.mark.parametrize("value", ACCEPTED.values(), ids=list(ACCEPTED))
def test_the_reading_is_found(value: object) -> None:
    [reading] = Answer.model_validate(value).readings
    assert (reading.sql, reading.explanation, reading.likelihood) == ("SELECT 1", "one", 1.0)


REFUSED = {
    "nothing": {},
    "no readings and no reason": {"readings": []},
    "no SQL": {"readings": [{"explanation": "one"}]},
    "empty SQL": {"readings": [{"sql": "  "}]},
    "SQL that is no text": {"readings": [{"sql": ["SELECT 1"]}]},
    "a chance that is none": {"readings": [{**ONE, "likelihood": "high"}]},
    "a negative chance": {"readings": [{**ONE, "likelihood": -0.1}]},
    "a text": "SELECT 1",
}


@pytest.mark.parametrize("value", REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_reading_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate(value)


def test_a_reason_for_no_readings_is_enough() -> None:
    assert Answer.model_validate({"cannot_answer": "No weather here."}).readings == []


def test_no_more_than_five_readings_are_taken() -> None:
    assert len(Answer.model_validate({"readings": [ONE] * 9}).readings) == 5


def test_a_percentage_is_a_share() -> None:
    assert Answer.model_validate([{**ONE, "likelihood": 70}]).readings[0].likelihood == pytest.approx(0.7)


def test_an_unknown_field_of_a_choice_is_other() -> None:
    choices = [{"field": "Metric", "phrase": "p", "label": "l"}, {"field": "<b>", "phrase": "p", "label": "l"}]
    made = Answer.model_validate([{**ONE, "choices": choices}]).readings[0].choices
    assert [one.field for one in made] == [ChoiceField.METRIC, ChoiceField.OTHER]


def test_texts_are_one_short_printable_line() -> None:
    reading = Answer.model_validate([{**ONE, "explanation": "a\x00b\n\n\x1b[31mc\ud800 " + "x" * 1_000}]).readings[0]
    assert reading.explanation.startswith("ab [31mc x")
    assert len(reading.explanation) == 300
