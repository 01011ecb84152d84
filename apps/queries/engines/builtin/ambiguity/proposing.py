"""Looks for each kind of ambiguity in turn, and puts the readings of what it finds before the engine's own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from apps.clarification.readings import Reading
from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import Token
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.sql import NotJoinable

from .attachment import attachment_readings
from .heard import Heard, hear
from .scope import scope_readings
from .swapped import swapped_readings
from .vague import vague_readings
from .wordlists import IMPERATIVES

Finder = Callable[[Heard], list[Reading]]
FINDERS: tuple[tuple[frozenset[str], Finder], ...] = (
    (frozenset("and or plus but & as along together addition".split()), attachment_readings),
    (frozenset(("each", "every", "all", "by")), scope_readings),
    (frozenset(), vague_readings),
)
"""Each kind with the words of which one at least must be said, if there are any."""
MOST_TOKENS = 40  # longer questions are no plain lists of rows
OTHERS_SHARE = 0.3  # what is left of other readings: beneath the rank of rivals


def with_meanings(readings: Sequence[Reading], analysis: Analysis, limit: int) -> list[Reading]:
    """At most `limit` readings: those of each meaning first where the words have several, else the engine's own."""
    heard = _heard(analysis)
    if heard is None:
        return list(readings)
    found = meanings_of(heard) or swapped_readings(heard, readings)
    if not found:
        return list(readings)
    texts = {reading.tree.sql() for reading in found}
    ceiling = OTHERS_SHARE * min(reading.score for reading in found)
    others = [
        replace(one, score=min(one.score, ceiling), choices=(), second_opinion=False)
        for one in readings
        if one.tree.sql() not in texts
    ]
    return [*found, *others][:limit]


def meanings_of(heard: Heard) -> list[Reading]:
    """The readings of the first ambiguity found, or of the one meaning that a question states outright; often none."""
    for marks, find in FINDERS:
        if not marks or not marks.isdisjoint(heard.words):
            try:
                if found := find(heard):
                    return found
            except NotJoinable:
                continue
    return []


def _heard(analysis: Analysis) -> Heard | None:
    """The question, if it is one short sentence; of more, no part is read by itself."""
    if len(analysis.tokens) > MOST_TOKENS or _has_more_sentences(analysis.tokens):
        return None
    return hear(analysis)


def _has_more_sentences(tokens: Sequence[Token]) -> bool:
    """Whether something follows a sign that ends a sentence; the point of "St. Anne" ends none."""
    return any(
        sign.text in ("?", ";") or (sign.text == "." and after.text.lower() in STOP_WORDS | IMPERATIVES)
        for sign, after in pairwise(tokens)
    )
