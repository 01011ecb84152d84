"""Looks for each kind of ambiguity in turn: first in the question itself, then in what the engine made of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from apps.clarification.readings import Reading
from apps.common.identity import kept_by_identity
from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import Token
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.sql import NotJoinable

from .attachment import attachment_readings
from .flagged import flagged_readings
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
    (frozenset(), flagged_readings),
)
"""Each kind with the words of which one at least must be said, if there are any."""
MOST_TOKENS = 40  # longer questions are no plain lists of rows
OTHERS_SHARE = 0.3  # what is left of other readings: beneath the rank of rivals


def readings_of_meanings(analysis: Analysis) -> list[Reading]:
    """The readings of the first ambiguity found, or of the one meaning that a question states outright; often none."""
    heard = _heard(analysis)
    for marks, find in FINDERS if heard else ():
        if heard and (not marks or not marks.isdisjoint(heard.words)):
            try:
                if found := find(heard):
                    return found
            except NotJoinable:
                continue
    return []


def with_other_columns(readings: Sequence[Reading], analysis: Analysis, limit: int) -> list[Reading]:
    """At most `limit` readings: where a word of the best one is vague, each column that it may mean comes first."""
    heard = _heard(analysis)
    found = swapped_readings(heard, readings) if heard else []
    if not found:
        return list(readings)
    texts = {reading.tree.sql() for reading in found}
    ceiling = OTHERS_SHARE * min(reading.score for reading in found)
    others = [replace(one, score=min(one.score, ceiling), choices=(), second_opinion=False) for one in readings]
    return [*found, *(one for one in others if one.tree.sql() not in texts)][:limit]


@kept_by_identity(maxsize=8)
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
