"""Trees and weights that judge whole plans."""

import json

import pytest

from apps.queries.engines.builtin.judging import JUDGED_BY_TREES, Chance, PlanScorer
from apps.queries.engines.builtin.linear import Scorer, sigmoid
from apps.queries.engines.builtin.trees import Trees, read_trees

JOINS_ONLY_HURT_WITHOUT_A_NAME = Trees(("joins", "named"), ((0, 0.5, 1.0, (1, 0.5, -2.0, 0.25)), 0.5))


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [({}, 1.5), ({"joins": 1}, -1.5), ({"joins": 1, "named": 1}, 0.75), ({"joins": 0.5}, 1.5), ({"other": 9}, 1.5)],
)
def test_trees_follow_their_thresholds_and_take_what_is_missing_as_zero(amounts: dict, expected: float) -> None:
    assert JOINS_ONLY_HURT_WITHOUT_A_NAME.score_values(amounts) == expected


def test_trees_survive_their_file() -> None:
    written = json.loads(json.dumps(JOINS_ONLY_HURT_WITHOUT_A_NAME.as_json()))

    assert read_trees(written) == JOINS_ONLY_HURT_WITHOUT_A_NAME


def test_without_trees_the_weights_alone_score() -> None:
    scorer = PlanScorer(Scorer({"joins": -1.0}))

    assert scorer.scores([{"joins": 2.0}, {}]) == [-2.0, 0.0]


def test_trees_turn_the_order_that_the_weights_give() -> None:
    scorer = PlanScorer(Scorer({"joins": 0.1}), JOINS_ONLY_HURT_WITHOUT_A_NAME, scale=1.0)

    with_join, without = scorer.scores([{"joins": 1.0}, {}])

    assert with_join < without


def test_plans_that_no_tree_looked_at_do_not_pass_those_that_one_did() -> None:
    scorer = PlanScorer(Scorer({"weight": 1.0}), JOINS_ONLY_HURT_WITHOUT_A_NAME, scale=1.0)
    rows = [{"weight": float(-place), "joins": float(place % 2)} for place in range(JUDGED_BY_TREES + 10)]

    scores = scorer.scores(rows)

    assert max(scores[JUDGED_BY_TREES:]) <= max(scores[:JUDGED_BY_TREES])
    assert scores[JUDGED_BY_TREES:] == sorted(scores[JUDGED_BY_TREES:], reverse=True)


def test_the_chance_lies_between_what_weights_and_trees_say() -> None:
    chance = Chance(Scorer({"share": 2.0}), Trees(("share",), ((0, 0.5, -3.0, 3.0),)))

    assert chance.of({"share": 1.0}) == pytest.approx((sigmoid(2.0) + sigmoid(3.0)) / 2)
    assert Chance(Scorer({"share": 2.0})).of({"share": 1.0}) == pytest.approx(sigmoid(2.0))
