"""Sets of plain columns that a question may ask to see, best first."""

from collections import defaultdict
from collections.abc import Iterator
from math import log

from .evidence import Evidence, RoleGuess
from .plan import ColumnKey

BEAM = 6
MIN_PROBABILITY = 0.03
MAX_PLACES = 10


def selections(evidence: Evidence) -> list[tuple[tuple[ColumnKey, ...], float]]:
    """Non-empty column lists in the order of the question, each with its log-probability."""
    beam: list[tuple[tuple[ColumnKey, ...], float]] = [((), 0.0)]
    for options in _places(evidence):
        beam = [
            ((*chosen, *(key for key in keys if key not in chosen)), total + weight)
            for chosen, total in beam
            for keys, weight in options
        ]
        beam = sorted(beam, key=lambda one: -one[1])[: BEAM * 3]
    merged: dict[frozenset[ColumnKey], tuple[tuple[ColumnKey, ...], float]] = {}
    for chosen, total in beam:
        if chosen and frozenset(chosen) not in merged:
            merged[frozenset(chosen)] = (chosen, total)
    return sorted(merged.values(), key=lambda one: -one[1])[:BEAM]


def _places(evidence: Evidence) -> Iterator[list[tuple[tuple[ColumnKey, ...], float]]]:
    """For each place that names columns: none of them, one, or the two likeliest."""
    groups: dict[int, list[RoleGuess]] = defaultdict(list)
    for guess in evidence.roles["select"]:
        if guess.probability >= MIN_PROBABILITY:
            groups[_place(guess, evidence)].append(guess)
    likeliest = sorted(groups.items(), key=lambda one: -one[1][0].probability)[:MAX_PLACES]
    for _, guesses in sorted(likeliest):
        yield _options(guesses[:4])


def _place(guess: RoleGuess, evidence: Evidence) -> int:
    """Where the column is named; overlapping names share a place."""
    return evidence.units.units[evidence.units.of_token[guess.mention.link.start]].start


def _options(guesses: list[RoleGuess]) -> list[tuple[tuple[ColumnKey, ...], float]]:
    misses = [log(max(1 - guess.probability, 1e-4)) for guess in guesses]
    none = sum(misses)
    options: list[tuple[tuple[ColumnKey, ...], float]] = [((), none)]
    for guess, miss in zip(guesses, misses, strict=True):
        options.append(((guess.key,), none - miss + log(max(guess.probability, 1e-4))))
    if len(guesses) > 1:
        first, second = guesses[:2]
        both = none - misses[0] - misses[1] + log(first.probability) + log(second.probability)
        options.append(((first.key, second.key), both))
    return options
