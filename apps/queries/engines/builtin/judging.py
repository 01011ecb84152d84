"""How good a whole plan is: a sum of weights, which explains itself, and boosted trees, which see what goes
together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .linear import Scorer, sigmoid
from .trees import Trees

JUDGED_BY_TREES = 16
Amounts = Mapping[str, float]


@dataclass(frozen=True)
class PlanScorer:
    """Compares the plans of one question. `scale` brings the trees to the spread of the linear scores."""

    linear: Scorer = field(default_factory=Scorer)
    trees: Trees = field(default_factory=Trees)
    scale: float = 0.0

    def scores(self, rows: Sequence[Amounts]) -> list[float]:
        """A score for each plan; trees judge only those that the weights put first, the rest counts as their worst."""
        linear = [self.linear.score_values(row) for row in rows]
        if not self.scale:
            return linear
        first = sorted(range(len(rows)), key=lambda place: -linear[place])[:JUDGED_BY_TREES]
        said = {place: self.trees.score_values(rows[place]) for place in first}
        worst = min(said.values(), default=0.0)
        return [(one + self.scale * said.get(place, worst)) / 2 for place, one in enumerate(linear)]


@dataclass(frozen=True)
class Chance:
    """The chance that a plan is right, from named amounts: the mean of what weights and trees say."""

    linear: Scorer = field(default_factory=Scorer)
    trees: Trees = field(default_factory=Trees)

    def of(self, amounts: Amounts) -> float:
        """A probability between 0 and 1."""
        by_weights = sigmoid(self.linear.score_values(amounts))
        return (by_weights + sigmoid(self.trees.score_values(amounts))) / 2 if self.trees.trees else by_weights
