"""Words that fit several columns or tables about equally well, and which those are."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.knowledge.catalog import ColumnEntry
from apps.knowledge.joins import Join
from apps.knowledge.name_matching import Link
from apps.queries.engines.builtin.plan import ColumnKey

from .facts import is_of_one
from .heard import Heard, Noun, is_junction, is_plain
from .hypernyms import hypernyms
from .rows import called

LONGEST_PHRASE = 2
PARTLY, NAMED, EXACT = 0.5, 0.97, 1.0
HINTED = 0.45
MOST_MEANINGS = 4
_TAILS = frozenset(("name", "title", "number", "date", "time", "id", "code", "detail"))
_WHO = frozenset(("who", "whom"))
_ENDS_OF_AGENTS = ("er", "or")


@dataclass(frozen=True)
class Vague:
    """Tokens that may mean several things, each given as the noun that it would be."""

    start: int
    end: int
    meanings: tuple[Noun, ...]


def vague_words(heard: Heard) -> Iterator[Vague]:
    """Stretches that name nothing exactly and fit two to four columns or tables, in the order of the question."""
    valued = {place for value in heard.values for place in range(value.start, value.end)}
    start = 0
    while start < heard.end:
        for length in range(LONGEST_PHRASE, 0, -1):
            end = start + length
            if end <= heard.end and valued.isdisjoint(range(start, end)) and (found := _vague(heard, start, end)):
                yield found
                start = end - 1
                break
        start += 1


def _vague(heard: Heard, start: int, end: int) -> Vague | None:
    phrase = " ".join(heard.lemma(place) for place in range(start, end))
    general = hypernyms().get(phrase, frozenset())
    partly = {(link.table, link.column) for link in _links_over(heard, start, end) if link.column}
    if not (general or len(partly) > 1) or _is_named(heard, start, end):
        return None
    tables = _in_play(heard, start, end)
    columns = [
        entry
        for table in tables
        for entry in heard.catalog.tables[table].columns
        if _may_be_meant(heard, entry, start, end) and (entry.key in partly or _is_a(entry.words, general))
    ]
    others = _tables_meant(heard, general, {entry.table for entry in columns}, tables)
    if phrase in _WHO:
        columns = [entry for entry in columns if not _does_something_else(heard, entry)]
    meanings = [Noun(start, end, columns=(entry.key,)) for entry in columns]
    meanings += [Noun(start, end, tables=(table,)) for table in others]
    return Vague(start, end, tuple(meanings)) if 1 < len(meanings) <= MOST_MEANINGS else None


def _links_over(heard: Heard, start: int, end: int) -> list[Link]:
    return [one for one in heard.analysis.links if one.start == start and one.end == end and one.quality >= PARTLY]


def _is_named(heard: Heard, start: int, end: int) -> bool:
    """Whether some name says just these words, or more words around them that belong to a name."""
    for link in heard.analysis.links:
        covers = link.start <= start and end <= link.end
        if covers and link.way == EXACT and link.quality >= NAMED and not _is_nameless(heard, link):
            return True
        if covers and link.end - link.start > end - start and link.quality >= NAMED:
            return True
    return False


def _is_nameless(heard: Heard, link: Link) -> bool:
    """Whether a link is to a table whose rows have no name: who says it means one of its columns."""
    return link.column is None and not called(heard.catalog, link.table)


def _in_play(heard: Heard, start: int, end: int) -> list[str]:
    """The tables that the rest of the question is about, then those whose rows theirs belong to or that detail them."""
    nouns = [noun for noun in heard.nouns if noun.end <= start or noun.start >= end]
    about = [noun.table for noun in nouns if noun.table]
    about += [key[0] for value in heard.values for key, _ in value.places]
    about += [noun.columns[0][0] for noun in nouns if len(noun.columns) == 1 and not about]
    tables = list(dict.fromkeys(about))
    near = [
        join.target
        for table in tables
        for join in heard.catalog.joins.joins_from(table)
        if _belongs(heard, join) and not is_junction(heard.catalog.tables[join.target])
    ]
    return list(dict.fromkeys([*tables, *near]))


def _belongs(heard: Heard, join: Join) -> bool:
    """Whether a table is the one that rows belong to, or holds details of them and no rows that have a name."""
    return is_of_one(heard.catalog, join.table, join.target) or not called(heard.catalog, join.target)


def _may_be_meant(heard: Heard, entry: ColumnEntry, start: int, end: int) -> bool:
    """Whether a column can stand for the words: no key, not what rows are called by, not said to be something."""
    if not is_plain(entry) or entry.is_foreign or entry.key in called(heard.catalog, entry.table):
        return False
    if any(entry.key == key for value in heard.values for key, _ in value.places):
        return False
    links = heard.analysis.column_links.get(entry.key, ())
    return not any(link.quality >= NAMED and (link.end <= start or link.start >= end) for link in links)


def _is_a(words: tuple[str, ...], general: frozenset[str]) -> bool:
    """Whether a name's head, or the word before a tail such as "name", is one of those that a general word stands
    for."""
    if words[-1] in general:
        return True
    return len(words) > 1 and words[-1] in _TAILS and words[-2] in general


def _tables_meant(heard: Heard, general: frozenset[str], columns: set[str], tables: list[str]) -> list[str]:
    """Tables of such things that have names and hang together with what the question is about."""
    said = {noun.table for noun in heard.nouns}
    found = []
    for name, entry in heard.catalog.tables.items():
        is_meant = entry.words[-1] in general and name not in said and called(heard.catalog, name)
        if is_meant and name not in columns and _is_within_reach(heard, name, tables):
            found.append(name)
    return found


def _is_within_reach(heard: Heard, name: str, tables: list[str]) -> bool:
    if not heard.values or name in tables:
        return bool(tables) and (name in tables or heard.catalog.joins.connect((tables[0], name)) is not None)
    return heard.catalog.joins.connect((tables[0], name)) is not None if tables else False


def _does_something_else(heard: Heard, entry: ColumnEntry) -> bool:
    """Whether a column is called after another deed than the one told: a holder does not issue cards."""
    head = entry.words[-1] if entry.words[-1] not in _TAILS else entry.words[-2:][0]
    verbs = [heard.word(place) for place in range(1, heard.end) if heard.word(place).endswith("ed")]
    return head.endswith(_ENDS_OF_AGENTS) and bool(verbs)
