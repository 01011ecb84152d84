"""Sets of plain columns that a question may ask to see, best first."""

from collections.abc import Iterator
from math import log

from .evidence import Evidence, PlaceGuess
from .plan import ColumnKey

BEAM = 8
MIN_PROBABILITY = 0.03
MAX_PLACES = 12
MAX_CHOICES = 4
Option = tuple[tuple[ColumnKey, ...], float]


def selections(evidence: Evidence) -> list[Option]:
    """Non-empty column lists in the order of the question, each with its log-probability."""
    beam: list[Option] = [((), 0.0)]
    for options in _places(evidence):
        longer = [
            ((*chosen, *keys), total + weight)
            for chosen, total in beam
            for keys, weight in options
            if not set(keys) & set(chosen)
        ]
        beam = sorted(longer, key=lambda one: -one[1])[: BEAM * 3]
    merged: dict[frozenset[ColumnKey], Option] = {}
    for chosen, total in beam:
        if chosen and frozenset(chosen) not in merged:
            merged[frozenset(chosen)] = (chosen, total)
    return sorted(merged.values(), key=lambda one: -one[1])[:BEAM]


def _places(evidence: Evidence) -> Iterator[list[Option]]:
    """For each place that may ask for columns: nothing, or what it may mean."""
    asked = [guess for guess in evidence.places if guess.roles["select"] >= MIN_PROBABILITY]
    likeliest = sorted(asked, key=lambda one: -one.roles["select"])[:MAX_PLACES]
    for guess in sorted(likeliest, key=lambda one: one.place.unit):
        yield _options(guess)


def _options(guess: PlaceGuess) -> list[Option]:
    likely = min(max(guess.roles["select"], 1e-4), 1 - 1e-4)
    options: list[Option] = [((), log(1 - likely))]
    for mentions, weight in guess.choices[:MAX_CHOICES]:
        options.append((tuple(mention.entry.key for mention in mentions), log(likely) + weight))
    return options
