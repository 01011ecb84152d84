"""Columns that a follow-up names ("their emails", "when was that person hired"), in the tables of the last answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import TokenKind
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.plan import ColumnKey
from apps.queries.engines.builtin.spoken.happenings import event_columns
from apps.queries.engines.builtin.spoken.words import FILLERS

NAMED_WELL = 0.7
ASKING = frozenset(
    "what which who when where how show list give tell also too well add include see display their its his her he she "
    "him them those these they it that person one ones of sort sorted sorting order ordered rank ranked by in live "
    "lives come comes located do does did you descending ascending desc asc and the please each name names now then "
    "instead highest lowest largest smallest".split()
)
_ADJECTIVES = {
    "old": ("age",), "high": ("height", "elevation"), "tall": ("height",), "long": ("length", "duration"),
    "heavy": ("weight",), "fast": ("speed",), "expensive": ("price", "cost"), "wide": ("width",), "deep": ("depth",),
    "large": ("size", "area", "population"), "big": ("size", "area", "population"), "far": ("distance",),
}  # fmt: skip
_PLACES = frozenset(("city", "country", "location", "address", "town", "place", "state"))


@dataclass(frozen=True)
class Said:
    """Columns in the order of the words, where they are named, and the words that name none."""

    columns: tuple[ColumnKey, ...]
    left_over: tuple[str, ...]
    places: frozenset[int]


def columns_said(analysis: Analysis, tables: Sequence[str], *, ignored: Collection[str] = ASKING) -> Said:
    """The columns of these tables that the words name; a column of an earlier table goes first."""
    found: list[tuple[int, ColumnKey]] = []
    taken: set[int] = set()
    for start, end, key in _word_for_word(analysis, tables):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            found.append((start, key))
    links = [one for one in analysis.links if one.column and one.table in tables and one.quality >= NAMED_WELL]
    for link in sorted(links, key=lambda one: (one.start - one.end, -one.quality, tables.index(one.table))):
        if taken.isdisjoint(range(link.start, link.end)) and link.column:
            taken.update(range(link.start, link.end))
            found.append((link.start, (link.table, link.column)))
    for place, token in enumerate(analysis.tokens):
        if place in taken or token.kind is not TokenKind.WORD:
            continue
        for key in _meant(analysis, token.text.lower(), tables)[:2]:
            taken.add(place)
            found.append((place, key))
    left = tuple(
        token.text
        for place, token in enumerate(analysis.tokens)
        if place not in taken
        and token.kind is not TokenKind.PUNCTUATION
        and token.text.lower() not in ignored
        and (token.kind is not TokenKind.WORD or token.lemma not in STOP_WORDS | FILLERS)
    )
    return Said(tuple(dict.fromkeys(key for _, key in sorted(found))), left, frozenset(taken))


def _word_for_word(analysis: Analysis, tables: Sequence[str]) -> list[tuple[int, int, ColumnKey]]:
    """Names of several words said exactly, longest first, also with words that say nothing by themselves."""
    lemmas = [token.lemma for token in analysis.tokens]
    columns = [column for table in tables for column in analysis.catalog.tables[table].columns if len(column.words) > 1]
    found = [
        (place, place + length, column.key)
        for column in columns
        for place in range(len(lemmas))
        if (length := _said_at(column.words, lemmas, place))
    ]
    return sorted(found, key=lambda one: one[0] - one[1])


def _said_at(words: tuple[str, ...], lemmas: Sequence[str], place: int) -> int:
    """How many words from this place on say the name: all of it, or "first" of "first and last names"."""
    if tuple(lemmas[place : place + len(words)]) == words:
        return len(words)
    shares = lemmas[place + 1 : place + 2] == ["and"] and lemmas[place + 3 : place + 4] == [words[-1]]
    return int(len(words) == 2 and lemmas[place] == words[0] and shares)


def _meant(analysis: Analysis, word: str, tables: Sequence[str]) -> list[ColumnKey]:
    """Columns that a word means without being their name: a verb its date, "where" places, "names" the name."""
    entry = analysis.catalog.tables[tables[0]]
    if word in ("name", "names") and entry.name_column:
        return [entry.name_column.key]
    if word == "where":
        return [column.key for column in entry.columns if _PLACES & set(column.core)]
    if word in _ADJECTIVES:
        return [column.key for column in entry.columns if set(_ADJECTIVES[word]) & set(column.core)][:1]
    if word in ASKING or word in STOP_WORDS or word in entry.words or word.rstrip("s") in entry.words:
        return []
    return event_columns(analysis.catalog, word, [tables[0]])[:1]
