"""Each one's own, or shared by all."""

import pytest

from apps.clarification.readings import ChoiceField

from .databases import labels, meanings, rows

OWN = [("North", "Boxing"), ("North", "Yoga"), ("South", "Rowing"), ("South", "Yoga")]
SHARED = [("Yoga",)]


@pytest.mark.parametrize(
    "question",
    [
        "What activities does each gym offer?",
        "Which activities do all gyms offer?",
        "List the activities offered by every gym.",
        "Show me the activities that all the gyms have",
        "Name the activities every gym runs.",
    ],
)
def test_both_scopes_are_proposed(question: str) -> None:
    own, shared = meanings(question)
    assert (rows(own), rows(shared)) == (OWN, SHARED)
    assert {choice.field for one in (own, shared) for choice in one.choices} == {ChoiceField.SCOPE}
    assert own.choices[0].phrase == shared.choices[0].phrase
    assert own.score + shared.score >= 0.8


def test_the_options_say_what_they_mean() -> None:
    assert labels("What activities does each gym offer?") == ["Each gym's own", "Shared by every gym"]


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("For each gym separately, list the activities.", OWN),
        ("List, gym by gym, the activities on offer.", OWN),
        ("List every gym with its activities.", OWN),
        ("Which activities are shared by all gyms?", SHARED),
        ("Which activities do all gyms have in common?", SHARED),
        ("Which activities are offered in every single gym?", SHARED),
        ("Which gyms offer all activities?", []),
    ],
)
def test_a_stated_scope_is_the_only_one(question: str, wanted: list[tuple[str, ...]]) -> None:
    (only,) = meanings(question)
    assert (rows(only), only.choices) == (wanted, ())


def test_a_condition_narrows_the_holders_on_both_sides() -> None:
    """ "Every gym in Bonn" is one gym: what it has is what all have."""
    own, shared = meanings("Which activities are offered by every gym in Bonn?")
    assert rows(own) == OWN[:2]
    assert rows(shared) == [("Boxing",), ("Yoga",)]


@pytest.mark.parametrize(
    "question",
    [
        "How many activities does each gym offer?",
        "What is the street of each gym?",
        "List all activities.",
        "Which gym does each coach work for?",
        "What activities does North offer?",
    ],
)
def test_nothing_is_made_of_what_has_no_scope(question: str) -> None:
    assert meanings(question) == []
