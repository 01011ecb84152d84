"""Linear models over named features: small, exact to explain, quick without any library."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log

Weights = dict[str, list[float]]


@dataclass(frozen=True)
class Classifier:
    """One weight for each feature and class. Classes exclude each other in `log_probabilities`, not in
    `likelihoods`."""

    classes: tuple[str, ...]
    weights: Weights = field(default_factory=dict)

    def scores(self, features: Iterable[str]) -> list[float]:
        """The sum of weights of the known features, for each class."""
        totals = [0.0] * len(self.classes)
        weights = self.weights
        for name in features:
            row = weights.get(name)
            if row is not None:
                for index, weight in enumerate(row):
                    if weight:
                        totals[index] += weight
        return totals

    def log_probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """Log-probability of each class, where exactly one holds."""
        return dict(zip(self.classes, log_softmax(self.scores(features)), strict=True))

    def likelihoods(self, features: Iterable[str]) -> list[float]:
        """Probability of each class, where any number of them may hold."""
        return [sigmoid(score) for score in self.scores(features)]


@dataclass(frozen=True)
class Scorer:
    """One weight for each feature: compares candidates with each other."""

    weights: dict[str, float] = field(default_factory=dict)

    def score(self, features: Iterable[str]) -> float:
        """The sum of weights of the known features."""
        weights = self.weights
        return sum(weights.get(name, 0.0) for name in features)

    def score_values(self, features: Mapping[str, float]) -> float:
        """The same where features have amounts."""
        weights = self.weights
        return sum(weights.get(name, 0.0) * amount for name, amount in features.items())


def sigmoid(score: float) -> float:
    """The logistic function, safe for any float."""
    if score < -40:
        return 1e-17
    return 1.0 / (1.0 + exp(-score)) if score < 40 else 1.0 - 1e-17


def log_softmax(scores: Sequence[float]) -> list[float]:
    """Log-probabilities in proportion to exp(score); an empty list for an empty one."""
    if not scores:
        return []
    highest = max(scores)
    total = log(sum(exp(score - highest) for score in scores)) + highest
    return [score - total for score in scores]
