"""How sure we are of a model's readings: its own shares, bounded, since models think too well of themselves."""

from collections.abc import Sequence

CEILING = 0.8  # what all readings together can reach: a model alone is never surer than this
CORRECTED = 0.9  # for every correction that was needed
THRESHOLD = 0.5


def scores(likelihoods: Sequence[float], *, corrections: int) -> list[float]:
    """One score for each likelihood: its share of the ceiling. What is missing to a sum of 1 stays open."""
    total = max(1.0, sum(likelihoods))
    return [CEILING * CORRECTED**corrections * likelihood / total for likelihood in likelihoods]
