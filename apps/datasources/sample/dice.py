"""Chance that falls the same way on every machine.

Only `Random.random()` is promised to give the same sequence in every Python version, so everything here is built on it;
weights are whole numbers, because sums of floats may round differently elsewhere.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

SEED = "tarnholm-1"

T = TypeVar("T")


class Dice:
    """A stream of chance of its own for each part of the company, so that changing one part leaves the others alone."""

    def __init__(self, part: str) -> None:
        self._random = random.Random(f"{SEED}/{part}").random  # noqa: S311 - plausible data, no secrets

    def below(self, limit: int) -> int:
        """A whole number from 0 up to, and without, `limit`."""
        return int(self._random() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random() * (high - low + 1))

    def bell(self, low: int, high: int) -> int:
        """Like `between`, with the middle likelier than the ends."""
        return (self.between(low, high) + self.between(low, high) + self.between(low, high)) // 3

    def chance(self, per_mille: int) -> bool:
        """True in so many of a thousand cases."""
        return self._random() * 1000 < per_mille

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the others."""
        return options[int(self._random() * len(options))]


class Wheel:
    """Weighted choice among positions 0 to n-1; a weight of 0 is never drawn."""

    def __init__(self, weights: Sequence[int]) -> None:
        self._bounds = list(accumulate(weights))

    def spin(self, dice: Dice, first: int | None = None) -> int:
        """A position, among the first `first` only where that is given."""
        count = len(self._bounds) if first is None else first
        return bisect_right(self._bounds, dice.below(self._bounds[count - 1]), 0, count)
