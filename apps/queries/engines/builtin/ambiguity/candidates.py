"""Words that fit several columns or tables about equally well, and which those are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps.knowledge.catalog import ColumnEntry
from apps.knowledge.joins import Join
from apps.knowledge.name_matching import Link
from apps.knowledge.said import EXACT, SYNONYM
from apps.queries.engines.builtin.plan import ColumnKey
from apps.queries.engines.builtin.spoken.words import stem

from .facts import is_of_one, is_tied
from .heard import Heard, Noun, is_content, is_junction, is_plain, places_of, singulars
from .hypernyms import hypernyms
from .rows import called
from .wordlists import IMPERATIVES

LONGEST_PHRASE = 2
PARTLY, NAMED = 0.5, 0.97
HINTED = 0.45
MOST_MEANINGS = 4
_TAILS = frozenset("name title number date time id code detail minimum minute hour day month year".split())
_WHO = frozenset(("who", "whom"))
_ENDS_OF_AGENTS = ("er", "or")
_BEFORE_VERBS = frozenset("who to i we you they he she it does do did can will not".split())
_POSSESSIVE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]s?$")


@dataclass(frozen=True)
class Vague:
    """Tokens that may mean several things, each given as the noun that it would be; a single one where it is told."""

    start: int
    end: int
    meanings: tuple[Noun, ...]


def vague_words(heard: Heard) -> Iterator[Vague]:
    """Stretches that name nothing exactly and fit two to four columns or tables, in the order of the question."""
    valued = places_of(heard.values)
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
    phrase, general = _general(heard, start, end)
    partly = {(one.table, one.column) for one in _links_over(heard, start, end) if one.column and one.way > SYNONYM}
    partly |= _of_this_head(heard, start, end)
    if not (general or len(partly) > 1) or not _is_noun(heard, start, end):
        return None
    about = _about(heard, start, end)
    tables = [*about, *_beside(heard, about)]
    if _is_named(heard, start, end, tables):
        return None
    columns = [
        entry
        for table in tables
        for entry in heard.catalog.tables[table].columns
        if _may_be_meant(heard, entry, start, end) and (entry.key in partly or _is_a(entry.words, general))
    ]
    columns = _nearer(columns, [entry for entry in columns if entry.table in about])
    columns = _nearer(columns, [entry for entry in columns if entry.key in partly])
    others = _tables_meant(heard, general, {entry.table for entry in columns}, tables)
    if phrase in _WHO:
        fitting = [entry for entry in columns if not _does_something_else(heard, entry)]
        columns = fitting if len(fitting) + len(others) > 1 else columns
    meanings = [Noun(start, end, columns=(entry.key,)) for entry in columns]
    meanings += [Noun(start, end, tables=(table,)) for table in others]
    told = [noun for noun in meanings if _is_told(heard, noun, start, end)]
    return Vague(start, end, tuple(told or meanings)) if 1 < len(meanings) <= MOST_MEANINGS else None


def _nearer(columns: list[ColumnEntry], some: list[ColumnEntry]) -> list[ColumnEntry]:
    """Some of the columns where those are several already, else all."""
    return some if len(some) > 1 else columns


def _general(heard: Heard, start: int, end: int) -> tuple[str, frozenset[str]]:
    """The words as a general phrase, with the names that it may stand for."""
    before = [heard.lemma(place) for place in range(start, end - 1)]
    phrases = [" ".join([*before, form]) for form in singulars(heard.analysis.tokens[end - 1])]
    known = next((phrase for phrase in phrases if phrase in hypernyms()), phrases[0])
    return known, hypernyms().get(known, frozenset())


def _of_this_head(heard: Heard, start: int, end: int) -> set[ColumnKey]:
    """Columns that are some sort of what the words say: of a phone, or of a phone number, mobile and office phone."""
    last = end - 2 if heard.lemma(end - 1) == "number" and end - start > 1 else end - 1
    if last > start or heard.word(last) in IMPERATIVES:
        return set()
    heads = singulars(heard.analysis.tokens[last])
    return {key for key, entry in heard.catalog.columns.items() if len(entry.words) > 1 and entry.words[-1] in heads}


def _links_over(heard: Heard, start: int, end: int) -> list[Link]:
    return [one for one in heard.analysis.links if one.start == start and one.end == end and one.quality >= PARTLY]


def _is_named(heard: Heard, start: int, end: int, tables: Sequence[str]) -> bool:
    """Whether some name says just these words, or more words around them that belong to a name."""
    own = {link.table for link in heard.analysis.links if _names_table(link, start, end)}
    if len(own) == 1 and called(heard.catalog, next(iter(own))):
        return True
    for link in heard.analysis.links:
        if link.column and tables and link.table not in tables:
            continue
        covers = link.start <= start and end <= link.end
        if (
            covers
            and link.way > SYNONYM
            and link.column
            and (link.table, link.column) in called(heard.catalog, link.table)
        ):
            return True
        if covers and link.way == EXACT and link.quality >= NAMED and not _is_nameless(heard, link):
            return True
        if covers and link.end - link.start > end - start and link.quality >= NAMED:
            return True
    return False


def _names_table(link: Link, start: int, end: int) -> bool:
    """Whether words say the head of a table's name ("attractions" of tourist attractions)."""
    return (
        link.column is None and (link.start, link.end) == (start, end) and link.way == EXACT and link.quality >= PARTLY
    )


def _is_nameless(heard: Heard, link: Link) -> bool:
    """Whether a link is to a table whose rows have no name: who says it means one of its columns."""
    return link.column is None and not called(heard.catalog, link.table)


def _about(heard: Heard, start: int, end: int) -> list[str]:
    """The tables that the rest of the question names, or holds the values of."""
    nouns = [noun for noun in heard.nouns if noun.end <= start or noun.start >= end]
    about = [noun.table for noun in nouns if noun.table]
    about += [key[0] for value in heard.values for key, _ in value.places]
    about += [noun.columns[0][0] for noun in nouns if len(noun.columns) == 1 and not about]
    return list(dict.fromkeys(about))


def _beside(heard: Heard, about: Sequence[str]) -> list[str]:
    """The tables that rows of those belong to, or that hold details of them."""
    near = [
        join.target
        for table in about
        for join in heard.catalog.joins.joins_from(table)
        if _belongs(heard, join) and not is_junction(heard.catalog.tables[join.target])
    ]
    return [table for table in dict.fromkeys(near) if table not in about]


def _belongs(heard: Heard, join: Join) -> bool:
    """Whether a table is the one that rows belong to, or holds details of them and no rows that have a name."""
    return is_of_one(heard.catalog, join.table, join.target) or not called(heard.catalog, join.target)


def _may_be_meant(heard: Heard, entry: ColumnEntry, start: int, end: int) -> bool:
    """Whether a column can stand for the words: no key, not what rows are called by, not said to be something."""
    is_name = entry.key in called(heard.catalog, entry.table) and (entry.is_name or entry.position <= 1)
    if not is_plain(entry) or entry.is_foreign or is_name:
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
    said |= {key[0] for value in heard.values for key, _ in value.places if key in called(heard.catalog, key[0])}
    found = []
    for name, entry in heard.catalog.tables.items():
        is_meant = entry.words[-1] in general and name not in said and called(heard.catalog, name)
        if is_meant and name not in columns and _is_within_reach(heard, name, tables):
            found.append(name)
    return found


def _is_within_reach(heard: Heard, name: str, tables: list[str]) -> bool:
    """Whether a table is spoken of by its values, or stands at most one tying table away from what is spoken of."""
    return name in tables or (bool(tables) and is_tied(heard.catalog, tables[0], name))


def _is_noun(heard: Heard, start: int, end: int) -> bool:
    """Whether words stand where a noun may: "who", "how much", "what does it cost?", but not "employees work on", nor
    before another noun ("tourist attractions")."""
    if any(noun.start == end for noun in heard.nouns) and start > 0:
        return False
    if start == 0 or heard.word(0) == "how" or (end == heard.end and heard.says(0, start, "does", "do", "did")):
        return True
    before, valued = heard.analysis.tokens[start - 1], places_of(heard.values)
    if not is_content(before) or start - 1 in valued or _POSSESSIVE.search(before.text):
        return heard.word(start - 1) not in _BEFORE_VERBS
    return start == 1 and heard.word(0) in IMPERATIVES


def _is_told(heard: Heard, meant: Noun, start: int, end: int) -> bool:
    """Whether another word of the question speaks of one meaning: "when does it start?", "who owns it?"."""
    words = (
        heard.catalog.tables[meant.tables[0]].words if meant.tables else heard.catalog.columns[meant.columns[0]].core
    )
    stems = {stem(word) for word in words if word not in _TAILS}
    agents = {f"{one}{ending}" for one in _deeds(heard, start, end) for ending in ("", "r", "er", "or", "ist")}
    if not stems.isdisjoint(_deeds(heard, start, end)) or not agents.isdisjoint(words):
        return True
    links = heard.analysis.column_links.get(meant.columns[0], ()) if meant.columns else ()
    tables = [noun for noun in heard.nouns if noun.table]
    return any(
        link.quality >= HINTED and (link.end <= start or link.start >= end)
        and not any(noun.start <= link.start and link.end <= noun.end for noun in tables)
        for link in links
    )  # fmt: skip


def _deeds(heard: Heard, start: int, end: int) -> set[str]:
    """The stems of all other words that are no names and no values."""
    taken = places_of(heard.nouns) | places_of(heard.values)
    places = [place for place in range(heard.end) if place not in taken and not start <= place < end]
    return {stem(heard.word(place)) for place in places if len(heard.word(place)) > 2}


def _does_something_else(heard: Heard, entry: ColumnEntry) -> bool:
    """Whether a column is called after another deed than the one told: a holder does not issue cards."""
    head = entry.words[-1] if entry.words[-1] not in _TAILS else entry.words[-2:][0]
    return head.endswith(_ENDS_OF_AGENTS) and any(heard.word(place).endswith("ed") for place in range(1, heard.end))
