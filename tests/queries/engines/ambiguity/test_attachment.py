"""Whether a modifier belongs to all that is named together, or to the nearest only."""

import pytest

from apps.clarification.readings import ChoiceField

from .databases import labels, meanings, rows


@pytest.mark.parametrize(
    ("question", "wide", "nearest"),
    [
        ("Show trainers and masseurs on a daily contract.", "Cleo Dan", "Ada Cleo Dan"),
        ("List the masseurs and trainers with a yearly contract", "Ada Ben", "Ada Ben Dan"),
        ("Give me the yearly trainers and masseurs.", "Ada Ben", "Ada Ben Dan"),
        ("Show trainers and masseurs working in Trier.", "Cleo Dan", "Ada Cleo Dan"),
        ("Show certified trainers or masseurs.", "Ada Dan", "Ada Ben Dan"),
        ("List trainers and masseurs with a day fee over 260.", "Ada Cleo", "Ada Cleo"),
    ],
)
def test_both_attachments_are_proposed(question: str, wide: str, nearest: str) -> None:
    found = meanings(question)
    assert [" ".join(name for (name,) in rows(one)) for one in found] == [wide, nearest]  # type: ignore[misc]
    assert all(choice.field is ChoiceField.ATTACHMENT for one in found for choice in one.choices)


def test_the_question_is_about_the_modifier() -> None:
    question = "Show trainers and masseurs on a daily contract."
    assert labels(question) == ["Trainers and masseurs", "Only masseurs"]
    assert {choice.phrase for one in meanings(question) for choice in one.choices} == {"on a daily contract"}


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Show yearly trainers and yearly masseurs.", "Ada Ben"),
        ("Show trainers on a daily contract and masseurs on a daily contract.", "Cleo Dan"),
        ("Show trainers and masseurs who are both on a daily contract.", "Cleo Dan"),
        ("Which trainers and masseurs are on a daily contract?", "Cleo Dan"),
        ("Show masseurs on a daily contract, and all trainers.", "Ada Cleo Dan"),
        ("Show all trainers, plus the masseurs on a daily contract.", "Ada Cleo Dan"),
        ("Show daily masseurs and all trainers.", "Ada Cleo Dan"),
        ("Show trainers and daily masseurs.", "Ada Cleo Dan"),
    ],
)
def test_a_stated_attachment_is_the_only_one(question: str, wanted: str) -> None:
    (only,) = meanings(question)
    assert (" ".join(name for (name,) in rows(only)), only.choices) == (wanted, ())  # type: ignore[misc]


@pytest.mark.parametrize(
    "question",
    [
        "How many trainers and masseurs are on a daily contract?",
        "Which gyms have both trainers and masseurs?",
        "List the names and contracts of coaches.",
        "Show the gyms in Bonn and Trier.",
        "List the gyms and their coaches in Bonn.",
    ],
)
def test_nothing_is_made_of_other_coordinations(question: str) -> None:
    assert meanings(question) == []
