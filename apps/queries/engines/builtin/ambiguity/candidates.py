"""Words that fit several columns or tables about equally well, and which those are."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.knowledge.catalog import ColumnEntry, Kind
from apps.queries.engines.builtin.spans import SpanKind

from .facts import is_tied
from .heard import Heard, Noun, is_plain
from .phrases import LONGEST, NAMED, Phrase
from .rows import called
from .telling import HINTED, is_of_another_deed, told
from .values import places_of
from .wordlists import AGENT_ENDINGS, NO_AGENTS, TAILS

MOST_MEANINGS = 4
SLACK = 0.1
_TEXTUAL = frozenset(("address", "employee", "company", "book", "dog", "film"))  # one of each line of things and people


@dataclass(frozen=True)
class Vague:
    """Tokens that may mean several things, each given as the noun that it would be; a single one where it is told."""

    start: int
    end: int
    meanings: tuple[Noun, ...]


def vague_words(heard: Heard) -> Iterator[Vague]:
    """Stretches that name nothing exactly and fit two to four columns or tables, in the order of the question.

    The "days" of "the last 60 days" say how long, and what a value is written with says only that.
    """
    valued = set(places_of(heard.values))
    for span in heard.analysis.spans:
        if span.kind is SpanKind.DATE:
            valued.update(range(span.start, span.end))
    start = 0
    while start < heard.end:
        for end in range(min(start + LONGEST, heard.end), start, -1):
            if valued.isdisjoint(range(start, end)) and (found := _vague(Phrase(heard, start, end))):
                yield found
                start = end - 1
                break
        start += 1


def _vague(phrase: Phrase) -> Vague | None:
    if not (phrase.general or len(phrase.sorts) > 1) or not phrase.is_noun or phrase.is_named:
        return None
    meanings = _meanings(phrase)
    if not 1 < len(meanings) <= MOST_MEANINGS:
        return None
    strengths = [told(phrase, noun) for noun in meanings]
    least = max(HINTED, max(strengths) - SLACK)
    chosen = [noun for noun, strength in zip(meanings, strengths, strict=True) if strength >= least]
    return Vague(phrase.start, phrase.end, tuple(chosen or meanings))


def _meanings(phrase: Phrase) -> list[Noun]:
    """The columns that the words fit, rather near ones and rather sorts of the very word, and the tables."""
    tables = phrase.heard.catalog.tables
    columns = [one for table in phrase.tables for one in tables[table].columns if _fits(one, phrase)]
    columns = _several([one for one in columns if one.table in phrase.about], columns)
    columns = _several([one for one in columns if one.key in phrase.sorts], columns)
    others = _tables_meant(phrase, {one.table for one in columns})
    if phrase.asks_who:
        doing = [one for one in columns if not is_of_another_deed(phrase.heard, one)]
        columns = doing if len(doing) + len(others) > 1 else columns
    found = [Noun(phrase.start, phrase.end, columns=(one.key,)) for one in columns]
    return [*found, *(Noun(phrase.start, phrase.end, tables=(table,)) for table in others)]


def _several(some: list[ColumnEntry], every: list[ColumnEntry]) -> list[ColumnEntry]:
    return some if len(some) > 1 else every


def _fits(entry: ColumnEntry, phrase: Phrase) -> bool:
    if not _may_be_meant(entry, phrase):
        return False
    if entry.kind is Kind.DATE and "date" in phrase.general:
        return True
    is_such = entry.kind is not Kind.NUMBER or phrase.general.isdisjoint(_TEXTUAL)  # a number is nobody and no place
    if entry.key in phrase.sorts or (is_such and _is_a(entry.words, phrase.general)):
        return True
    return phrase.asks_who and _is_agent(entry)


def _may_be_meant(entry: ColumnEntry, phrase: Phrase) -> bool:
    """Whether a column can stand for words: no key, not what rows are called by, not known, and not named elsewhere
    (which for "who" tells the answer)."""
    is_name = entry.key in called(phrase.heard.catalog, entry.table) and (entry.is_name or entry.position <= 1)
    if not is_plain(entry) or entry.is_foreign or is_name:
        return False
    if any(entry.key == key for value in phrase.heard.values for key, _ in value.places):
        return False
    links = phrase.heard.analysis.column_links.get(entry.key, ())
    elsewhere = any(link.quality >= NAMED and phrase.is_beside(link.start, link.end) for link in links)
    return phrase.asks_who or not elsewhere


def _is_a(words: tuple[str, ...], general: frozenset[str]) -> bool:
    """Whether a name's head, or the word before a tail such as "name", is something that a general word stands for."""
    return words[-1] in general or (len(words) > 1 and words[-1] in TAILS and words[-2] in general)


def _is_agent(entry: ColumnEntry) -> bool:
    """Whether a text is called after who does something ("holder", "organizer")."""
    head = entry.words[-1] if entry.words[-1] not in TAILS else entry.words[-2:][0]
    return entry.kind is Kind.TEXT and head.endswith(AGENT_ENDINGS) and head not in NO_AGENTS


def _tables_meant(phrase: Phrase, of_columns: set[str]) -> list[str]:
    """Tables of such things that have names and hang together with what the question is about."""
    heard = phrase.heard
    said = {noun.table for noun in heard.nouns if phrase.is_beside(noun.start, noun.end)} | of_columns
    said |= {key[0] for value in heard.values for key, _ in value.places if key in called(heard.catalog, key[0])}
    meant = [name for name, entry in heard.catalog.tables.items() if entry.words[-1] in phrase.general]
    return [name for name in meant if name not in said and called(heard.catalog, name) and _is_near(phrase, name)]


def _is_near(phrase: Phrase, name: str) -> bool:
    """Whether a table is spoken of by its values, or stands at most one tying table away from what is spoken of."""
    tables = phrase.tables
    return name in tables or (bool(tables) and is_tied(phrase.heard.catalog, tables[0], name))
