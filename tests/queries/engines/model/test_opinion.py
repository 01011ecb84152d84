"""When the built-in engine has an opinion beside a model."""

import pytest
from sqlglot import parse_one

from apps.clarification.readings import Reading
from apps.queries.steps import writing
from apps.queries.steps.writing import second_opinion
from tests.queries.engines.model.schemas import SHOP, context

CASES = {
    "one that reaches the threshold": ([(0.9, False)], 1),
    "one that does not": ([(0.4, False)], 0),
    "guesses that add up": ([(0.4, False), (0.35, False), (0.3, False)], 0),
    "meanings of one understanding": ([(0.45, True), (0.4, True)], 2),
    "a sure one beside guesses": ([(0.9, False), (0.3, False)], 1),
    "nothing": ([], 0),
}


@pytest.mark.parametrize(("scores", "count"), CASES.values(), ids=list(CASES))
def test_only_what_is_certain_is_an_opinion(
    scores: list[tuple[float, bool]], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Reading(parse_one(f"SELECT {at}"), score, is_shared=shared) for at, (score, shared) in enumerate(scores)]
    monkeypatch.setattr(writing, "propose_readings", lambda *_, **__: found)
    opinions = second_opinion(context("How many?", SHOP))
    assert [one.score for one in opinions] == [score for score, _ in scores][:count]
    assert all(one.second_opinion for one in opinions)


def test_words_that_were_left_over_make_no_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Reading(parse_one("SELECT 1"), 0.9, unexplained=("frobnicated",))]
    monkeypatch.setattr(writing, "propose_readings", lambda *_, **__: found)
    assert second_opinion(context("How many?", SHOP)) == []
