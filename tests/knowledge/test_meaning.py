"""Likeness by meaning beside likeness by words, with vectors from a server of ours."""

from typing import Any

import pytest

from apps.accounts.models import Organization
from apps.accounts.quotas import Payer
from apps.knowledge.likeness import likenesses
from apps.knowledge.meaning import MOST_COMPARED, alike_for

KNOWN = ["Which clients owe us money?", "How many parrots are there?", "Average weight of boxes"]
ASKED = "Who has unpaid bills?"
NEAR, FAR = (1.0, 0.0), (0.0, 1.0)


@pytest.fixture
def vectors(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the model makes of each text; none for a text stands for a model that cannot be used."""
    known: dict[str, Any] = {}

    def made(texts: Any, payer: Payer) -> Any:
        found = [known.get(text) for text in texts]
        return None if None in found else found

    monkeypatch.setattr("apps.knowledge.meaning.vectors_of", made)
    return known


@pytest.fixture
def alike() -> Any:
    return alike_for(Payer(Organization(), None), str)


def test_without_vectors_words_alone_decide(alike: Any, vectors: dict[str, Any]) -> None:
    assert alike(ASKED, KNOWN) == likenesses(ASKED, KNOWN)
    assert alike(ASKED, []) == []


def test_what_is_alike_in_meaning_alone_becomes_an_example(alike: Any, vectors: dict[str, Any]) -> None:
    vectors.update({ASKED: NEAR, KNOWN[0]: NEAR, KNOWN[1]: FAR, KNOWN[2]: FAR})
    first, second, third = alike(ASKED, KNOWN)
    assert first == pytest.approx(0.5)
    assert (second, third) == (0.0, 0.0)


def test_the_same_words_stay_most_alike(alike: Any, vectors: dict[str, Any]) -> None:
    vectors.update({KNOWN[0]: NEAR, KNOWN[1]: FAR, KNOWN[2]: FAR})
    assert alike(KNOWN[0], KNOWN)[0] == 1.0


def test_vectors_that_all_point_one_way_tell_nothing(alike: Any, vectors: dict[str, Any]) -> None:
    vectors.update(dict.fromkeys([ASKED, *KNOWN], NEAR))
    assert alike(ASKED, KNOWN) == likenesses(ASKED, KNOWN)


def test_of_very_many_the_newest_are_compared(alike: Any, vectors: dict[str, Any]) -> None:
    many = [f"question {number}" for number in range(MOST_COMPARED + 5)]
    vectors.update({ASKED: NEAR, **dict.fromkeys(many[:MOST_COMPARED], FAR)})
    assert len(alike(ASKED, many)) == len(many)
