"""Stored values that a question says: as they are spelled, in the plural, by a flag, or as a number of something."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from apps.knowledge.names import STOP_WORDS
from apps.knowledge.said import EXACT
from apps.knowledge.tokens import Token, TokenKind
from apps.queries.engines.builtin.analysis import Analysis, SpanKind
from apps.queries.engines.builtin.plan import ColumnKey

from .compounds import counted_adjectives

LEAST_NAMED = 0.6
STORED = 0.9
LONGEST_VALUE = 3
Place = tuple[ColumnKey, str]


class Stretch(Protocol):
    """Tokens `start` to `end` (exclusive) of a question, whatever they say."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def places_of(stretches: Iterable[Stretch]) -> set[int]:
    """Every place in some stretches."""
    return {place for one in stretches for place in range(one.start, one.end)}


@dataclass(frozen=True, slots=True)
class Stored:
    """Tokens that say a stored value, with every column that holds it."""

    start: int
    end: int
    places: tuple[Place, ...]


def is_content(token: Token) -> bool:
    """Whether a word says something by itself."""
    return token.kind is not TokenKind.PUNCTUATION and token.lemma not in STOP_WORDS


def values_said(analysis: Analysis) -> Iterator[Stored]:
    """Values that are spelled as they are stored, or very nearly."""
    for span in analysis.spans:
        places = tuple((key, stored) for key, stored, score in span.matches if score >= STORED)
        if places and span.kind is SpanKind.TEXT:
            yield Stored(span.start, span.end, places)


def flags_said(analysis: Analysis) -> Iterator[Stored]:
    """Names of columns that hold yes or no."""
    stretches: dict[tuple[int, int], list[Place]] = {}
    for link in analysis.links:
        yes = analysis.catalog.columns[(link.table, link.column)].yes if link.column else None
        if link.column and yes is not None and link.quality >= LEAST_NAMED:
            stretches.setdefault((link.start, link.end), []).append(((link.table, link.column), yes))
    yield from (Stored(start, end, tuple(places)) for (start, end), places in stretches.items())


def counted_values(analysis: Analysis, known: Iterable[Stretch]) -> list[Stored]:
    """Adjectives of a number and what it counts, where no value of that spelling is known."""
    taken = places_of(known)
    return [Stored(at, at + 1, places) for at, places in counted_adjectives(analysis) if at not in taken]


def odd_values(analysis: Analysis, known: Sequence[Stored]) -> list[Stored]:
    """Values in the plural or of a word that mostly says something else ("old"), where nothing is named exactly."""
    taken = places_of(known)
    taken |= places_of(link for link in analysis.links if link.way == EXACT and link.quality >= LEAST_NAMED)
    found: list[Stored] = []
    for length in range(LONGEST_VALUE, 0, -1):
        for start in range(len(analysis.tokens) - length + 1):
            stretch = analysis.tokens[start : start + length]
            is_free = taken.isdisjoint(range(start, start + length)) and _may_be_value(stretch)
            if is_free and (places := _places(analysis, stretch)):
                taken.update(range(start, start + length))
                found.append(Stored(start, start + length, places))
    return found


def _may_be_value(stretch: Sequence[Token]) -> bool:
    are_words = all(token.kind is TokenKind.WORD and not token.is_capitalized for token in stretch)
    return are_words and is_content(stretch[0]) and is_content(stretch[-1])


def _places(analysis: Analysis, stretch: Sequence[Token]) -> tuple[Place, ...]:
    """Where the words, with the last one in some form of its singular, are stored."""
    before, last = [token.text for token in stretch[:-1]], stretch[-1]
    for form in singulars(last):
        matches = analysis.context.values.find(" ".join([*before, form]), limit=8, exact=True)
        entries = ((analysis.catalog.column(one.table, one.column), one.value) for one in matches)
        if places := tuple(dict.fromkeys((entry.key, value) for entry, value in entries if entry)):
            return places
    return ()


def singulars(token: Token) -> list[str]:
    """The word itself and what its plural may come from: of "boxes" none knows whether it is "box" or "boxe"."""
    word = token.text.lower()
    shorter = [word[: -len(ending)] for ending in ("s", "es") if word.endswith(ending) and len(word) > len(ending) + 2]
    return list(dict.fromkeys([token.lemma, *shorter, word]))
