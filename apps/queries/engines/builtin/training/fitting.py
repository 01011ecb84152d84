"""Fits linear models by AdaGrad. Plain Python on purpose: nothing to install, the same weights on every machine."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import exp, sqrt
from typing import Any

from ..linear import Classifier, Scorer, log_softmax, sigmoid

MIN_GRADIENT = 0.002
Choice = tuple[Sequence[Sequence[str]], set[int]]
"""Features of each candidate, and which of them are right."""


def frequent(rows: Iterable[Sequence[str]], minimum: int) -> set[str]:
    """Features seen often enough to learn from."""
    counts = Counter(name for row in rows for name in set(row))
    return {name for name, count in counts.items() if count >= minimum}


def fit_classifier(
    rows: Sequence[tuple[Sequence[str], str]],
    *,
    epochs: int = 12,
    rate: float = 0.25,
    l2: float = 2e-4,
    minimum: int = 3,
) -> Classifier:
    """One class out of several: multinomial logistic regression."""
    classes = sorted({label for _, label in rows})
    kept = frequent((features for features, _ in rows), minimum)
    weights = {name: [0.0] * len(classes) for name in kept}
    squares = {name: [1e-3] * len(classes) for name in kept}
    data = [([name for name in features if name in kept], classes.index(label)) for features, label in rows]
    model = Classifier(tuple(classes), weights)
    for _ in _shuffled(data, epochs):
        for features, right in data:
            chances = [exp(score) for score in log_softmax(model.scores(features))]
            gradients = [(index, chance - (index == right)) for index, chance in enumerate(chances)]
            _step(weights, squares, features, gradients, rate, l2)
    return model


def fit_roles(
    rows: Sequence[tuple[Sequence[str], set[int]]],
    classes: Sequence[str],
    *,
    epochs: int = 6,
    rate: float = 0.2,
    l2: float = 1e-4,
) -> Classifier:
    """Any number of classes at once: one logistic regression each."""
    kept = frequent((features for features, _ in rows), 3)
    weights = {name: [0.0] * len(classes) for name in kept}
    squares = {name: [1e-3] * len(classes) for name in kept}
    data = [([name for name in features if name in kept], right) for features, right in rows]
    model = Classifier(tuple(classes), weights)
    for _ in _shuffled(data, epochs):
        for features, right in data:
            gradients = [
                (index, sigmoid(score) - (index in right)) for index, score in enumerate(model.scores(features))
            ]
            _step(weights, squares, features, gradients, rate, l2)
    return model


def _step(
    weights: dict[str, list[float]],
    squares: dict[str, list[float]],
    features: Sequence[str],
    gradients: Sequence[tuple[int, float]],
    rate: float,
    l2: float,
) -> None:
    felt = [(index, gradient) for index, gradient in gradients if abs(gradient) > MIN_GRADIENT]
    for name in features:
        row, square = weights[name], squares[name]
        for index, gradient in felt:
            full = gradient + l2 * row[index]
            square[index] += full * full
            row[index] -= rate * full / sqrt(square[index])


def fit_scorer(
    choices: Sequence[Choice], *, epochs: int = 8, rate: float = 0.2, l2: float = 1e-4, minimum: int = 2
) -> Scorer:
    """Which candidate of each list is right: conditional logistic regression."""
    kept = frequent((features for candidates, _ in choices for features in candidates), minimum)
    weights = dict.fromkeys(kept, 0.0)
    squares = dict.fromkeys(kept, 1e-3)
    data = [([[name for name in row if name in kept] for row in candidates], right) for candidates, right in choices]
    scorer = Scorer(weights)
    for _ in _shuffled(data, epochs):
        for candidates, right in data:
            gradient: dict[str, float] = {}
            for row, amount in zip(
                candidates, _choice_gradient([scorer.score(row) for row in candidates], right), strict=True
            ):
                if abs(amount) > MIN_GRADIENT:
                    for name in row:
                        gradient[name] = gradient.get(name, 0.0) + amount
            _apply(weights, squares, gradient, rate, l2)
    return scorer


def fit_ranking(
    choices: Sequence[tuple[Sequence[Mapping[str, float]], set[int]]],
    *,
    epochs: int = 12,
    rate: float = 0.1,
    l2: float = 1e-4,
) -> Scorer:
    """The same where features have amounts."""
    kept = frequent((list(features) for candidates, _ in choices for features in candidates), 5)
    weights = dict.fromkeys(kept, 0.0)
    squares = dict.fromkeys(kept, 1e-2)
    data = [
        ([{name: amount for name, amount in row.items() if name in kept} for row in rows], right)
        for rows, right in choices
    ]
    scorer = Scorer(weights)
    for _ in _shuffled(data, epochs):
        for candidates, right in data:
            gradient: dict[str, float] = {}
            scores = [scorer.score_values(row) for row in candidates]
            for row, amount in zip(candidates, _choice_gradient(scores, right), strict=True):
                if abs(amount) > MIN_GRADIENT:
                    for name, value in row.items():
                        gradient[name] = gradient.get(name, 0.0) + amount * value
            _apply(weights, squares, gradient, rate, l2)
    return scorer


def _choice_gradient(scores: Sequence[float], right: set[int]) -> list[float]:
    """How far each candidate's chance is from what it should be; right ones share by their present chances."""
    chances = [exp(score) for score in log_softmax(scores)]
    mass = sum(chances[index] for index in right) or 1e-12
    return [chance - (chance / mass if index in right else 0.0) for index, chance in enumerate(chances)]


def _apply(
    weights: dict[str, float], squares: dict[str, float], gradient: Mapping[str, float], rate: float, l2: float
) -> None:
    for name, amount in gradient.items():
        full = amount + l2 * weights[name]
        squares[name] += full * full
        weights[name] -= rate * full / sqrt(squares[name])


def _shuffled(data: list[Any], epochs: int) -> Iterable[int]:
    """Count the epochs, shuffling before each, always the same way."""
    order = random.Random(20260101)  # noqa: S311 - repeatable on purpose
    for epoch in range(epochs):
        order.shuffle(data)
        yield epoch
