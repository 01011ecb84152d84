"""Words that may mean one column or another, or one table or another."""

import pytest

from apps.clarification.readings import ChoiceField
from apps.queries.engines.builtin.ambiguity.hypernyms import hypernyms, parse_hypernyms

from .databases import labels, meanings, rows


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("What is the location of the North gym?", ["City (gym)", "Street (gym)"]),
        ("Where is the North gym?", ["City (gym)", "Street (gym)"]),
        ("What is Ada's fee?", ["Day fee (coach)", "Hour fee (coach)"]),
        ("How much does Ada cost?", ["Day fee (coach)", "Hour fee (coach)"]),
        ("List every coach with the fee.", ["Day fee (coach)", "Hour fee (coach)"]),
    ],
)
def test_each_meaning_and_all_together_are_proposed(question: str, options: list[str]) -> None:
    both = f"{options[0]} and {options[1][:1].lower()}{options[1][1:]}"
    assert labels(question) == [*options, both]


def test_numbers_are_a_metric_and_other_things_are_named() -> None:
    fields = [meanings(one)[0].choices[0].field for one in ("What is Ada's fee?", "Where is the North gym?")]
    assert fields == [ChoiceField.METRIC, ChoiceField.ENTITY]


def test_the_reading_shows_what_was_asked_beside_it() -> None:
    first, *_ = meanings("Show the name and location of every gym.")
    assert rows(first) == [("North", "Bonn"), ("South", "Trier")]


@pytest.mark.parametrize(
    "question",
    [
        "What is Ada's day fee?",
        "In which city is the North gym?",
        "What are the city and street of the North gym?",
        "What is the average fee of coaches?",
        "What is the name of the gym in Bonn?",
    ],
)
def test_what_is_named_is_not_vague(question: str) -> None:
    assert labels(question) == []


def test_a_line_takes_all_that_an_earlier_one_names() -> None:
    found = parse_hypernyms("# note\nperson, people: employee, customers\nwho: @person, companies\n")
    assert found["who"] == {"employee", "customer", "company"}
    assert found["person"] == {"employee", "customer"}


def test_the_file_can_be_read_and_is_general() -> None:
    assert {"address", "city"} <= hypernyms()["location"]
    assert len(hypernyms()) >= 150
