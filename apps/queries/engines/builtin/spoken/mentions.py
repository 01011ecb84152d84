"""Names that the question says, each with every table or column it may mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from apps.knowledge.catalog import Catalog, ColumnEntry, Kind
from apps.knowledge.linking import ROOT, Link
from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import TokenKind, tokenize
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.plan import ColumnKey

from .codes import all_codes, opposite_codes
from .dates import CREATION_VERBS
from .happenings import event_columns
from .pointers import Pointer, role_at
from .times import UNITS
from .wordlists import (
    COMMENT_NOUN_SKIPS,
    GENERIC_WORDS,
    JUDGING,
    LEAST_COVERED,
    LEAST_QUALITY,
    NO_VALUES,
    ROLE_WORDS,
    SLACK,
    VERB_COLUMNS,
)
from .words import Words, is_unit

_NEARLY = 0.9
_VERBS_OF_ORIGIN = frozenset(("are", "is", "were", "was", "come", "comes", "came"))
_ENDS = frozenset(("", ".", "?", "!"))


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens that name tables or columns, or with a `pointer` a role that rows play for others ("manager")."""

    start: int
    end: int
    tables: tuple[str, ...] = ()
    columns: tuple[ColumnKey, ...] = ()
    pointer: Pointer | None = None


_Stretches = dict[tuple[int, int], tuple[list[str], list[ColumnKey], float]]


def find_mentions(analysis: Analysis, words: Words) -> list[Mention]:
    """Names of tables and columns, longest first where they overlap, then nouns that only comments name."""
    catalog = analysis.catalog
    stretches: _Stretches = {}
    labelled = _labelled(catalog, words)
    for link in sorted(analysis.links, key=lambda one: -one.quality):
        if words.is_free(link.start, link.end) and _is_said(link, words, labelled, catalog):
            tables, columns, best = stretches.get((link.start, link.end), ([], [], 0.0))
            if link.quality < best - SLACK:
                continue
            if link.column is None:
                tables.append(link.table)
            elif not is_key(catalog.columns[(link.table, link.column)]) or _says_id(words, link):
                columns.append((link.table, link.column))
            stretches[(link.start, link.end)] = (tables, columns, max(best, link.quality))
    for start, name in _silent_tables(catalog, words):
        tables, columns, _ = stretches.get((start, start + 1), ([], [], 0.0))
        stretches[(start, start + 1)] = ([*tables, name], columns, 1.0)
    for start, end, key in _word_for_word(catalog, words):
        tables, columns, _ = stretches.get((start, end), ([], [], 0.0))
        if key not in columns:
            columns.append(key)
        stretches[(start, end)] = (tables, columns, 1.0)
    _add_short_names(stretches, catalog, words)
    return sorted(_chosen(stretches, analysis, words), key=lambda one: one.start)


def _chosen(stretches: _Stretches, analysis: Analysis, words: Words) -> Iterator[Mention]:
    """Roles first, then the longest stretches; the words of each are taken."""
    for place in range(len(words)):
        pointer = role_at(analysis.catalog, words, place)
        if pointer and words.is_free(place, place + len(pointer.words)):
            words.take(place, place + len(pointer.words))
            yield Mention(place, place + len(pointer.words), pointer=pointer)
    ranked = sorted(stretches.items(), key=lambda one: (one[0][0] - one[0][1], -one[1][2]))
    for (start, end), (tables, columns, _) in ranked:
        if (tables or columns) and words.is_free(start, end):
            words.take(start, end)
            yield Mention(start, end, tuple(tables), tuple(columns))
    yield from _by_comments(analysis.catalog, words)
    yield from _by_verbs(analysis.catalog, words)


def _is_said(link: Link, words: Words, labelled: set[int], catalog: Catalog) -> bool:
    """Whether a link is sure enough, and its words are not there for something else."""
    if link.quality < LEAST_QUALITY or link.covered < LEAST_COVERED:
        return False
    inside = [words.lower(place) for place in range(link.start, link.end)]
    if link.way < 1 and not labelled.isdisjoint(range(link.start, link.end)):
        return False
    if (
        inside == ["from"]
        and words.lower(link.start - 1) not in _VERBS_OF_ORIGIN
        and words.lower(link.end) not in _ENDS
    ):
        return False  # "the bands from Wales" asks for no origins
    if words.lemma(link.start) in UNITS and words.number(link.start - 1) is not None:  # "20 days"
        return False
    if len(inside) == 1 and link.way < 1 and is_unit(words.lemma(link.start)):  # "in euros" names no rate to the euro
        return False
    if link.way < 1 and (not JUDGING.isdisjoint(inside) or _is_done(words, link) or opposite_codes(catalog, inside[0])):
        return False
    is_verb = len(inside) == 1 or (len(inside) == 2 and inside[1] in ("up", "off", "out", "in"))
    if is_verb and _names_event(catalog, link, inside[0]):  # "shipped" is an event, not a column
        return False
    if len(inside) == 1 and link.way < 1 and _is_date(catalog, link) and event_columns(catalog, inside[0]):
        return False  # another table's
    gives_role = len(inside) == 1 or link.way < 1 or "of" in inside
    return not (  # "publisher" is no publication
        link.way == ROOT or (gives_role and any(word in ROLE_WORDS for word in inside)) or inside[0] in NO_VALUES
    )


def _is_done(words: Words, link: Link) -> bool:
    """ "How many orders did they place?": a verb, no place."""
    asked = any(words.lower(place) in ("do", "does", "did") for place in range(link.start))
    return asked and link.end == link.start + 1 and words.lower(link.start) in CREATION_VERBS


def _says_id(words: Words, link: Link) -> bool:
    """Keys are meant where "id" is said."""
    return any(words.lemma(place) == "id" for place in range(link.start, link.end))


def _is_date(catalog: Catalog, link: Link) -> bool:
    return link.column is not None and catalog.columns[(link.table, link.column)].kind is Kind.DATE


def _names_event(catalog: Catalog, link: Link, word: str) -> bool:
    return link.column is not None and (link.table, link.column) in event_columns(catalog, word, [link.table])


def _labelled(catalog: Catalog, words: Words) -> set[int]:
    """Places of codes' labels of several words, which no other name of a single one of them should take."""
    found: set[int] = set()
    for code in all_codes(catalog):
        length = len(code.words)
        for place in range(len(words) - length + 1) if length > 1 else ():
            if words.says(place, *code.words):
                found.update(range(place, place + length))
    return found


def _silent_tables(catalog: Catalog, words: Words) -> Iterator[tuple[int, str]]:
    """Tables named by a word that elsewhere says nothing ("returns"), unless it opens the question as a command."""
    for name, entry in catalog.tables.items():
        if len(entry.words) == 1 and entry.words[0] in STOP_WORDS:
            yield from (
                (place, name)
                for place in range(1, len(words))
                if words.lemma(place) == entry.words[0] and words.is_free(place)
            )


def _word_for_word(catalog: Catalog, words: Words) -> Iterator[tuple[int, int, ColumnKey]]:
    """Names of several words said exactly, even with words that say nothing by themselves ("list price")."""
    places = words.places_by_lemma()
    for key, entry in catalog.columns.items():
        is_event = entry.kind is Kind.DATE and entry.words[0].endswith("ed")  # "signed up" says when, by itself
        if len(entry.words) > 1 and not is_key(entry) and not is_event:
            yield from ((start, end, key) for start, end in _runs(entry.words, places, words))


def _add_short_names(stretches: _Stretches, catalog: Catalog, words: Words) -> None:
    """Names without the words that people leave out, where nothing else has this name."""
    places = words.places_by_lemma()
    for key, entry in catalog.columns.items():
        short = tuple(word for word in entry.words if word not in GENERIC_WORDS)
        if len(short) in (0, len(entry.words)) or is_key(entry) or entry.kind is Kind.DATE:
            continue
        for start, end in _runs(short, places, words):
            if stretches.get((start, end), ([], [], 0.0))[2] <= _NEARLY and not ROLE_WORDS & set(short):
                tables, columns, best = stretches.get((start, end), ([], [], 0.0))
                kept = columns if best >= _NEARLY else []
                stretches[(start, end)] = (tables, [*kept, *([key] if key not in kept else [])], _NEARLY)


def _runs(said: tuple[str, ...], places: dict[str, list[int]], words: Words) -> Iterator[tuple[int, int]]:
    """Stretches that say these words in this order."""
    for start in places.get(said[0], ()):
        end = start + len(said)
        if words.is_free(start, end) and all(words.lemma(start + at) == word for at, word in enumerate(said)):
            yield start, end


def is_key(entry: ColumnEntry) -> bool:
    """Keys are numbers that nobody means; foreign keys that are names stay."""
    return (entry.is_primary or entry.is_foreign or entry.is_id) and entry.kind is Kind.NUMBER


def _by_comments(catalog: Catalog, words: Words) -> Iterator[Mention]:
    nouns = comment_nouns(catalog)
    for place in range(len(words)):
        token = words.tokens[place]
        is_name = token.kind is TokenKind.WORD and words.lower(place) not in JUDGING
        if is_name and words.is_free(place) and token.lemma in nouns:
            tables, columns = nouns[token.lemma]
            words.take(place, place + 1)
            yield Mention(place, place + 1, tables, columns)


def _by_verbs(catalog: Catalog, words: Words) -> Iterator[Mention]:
    """ "earns" speaks of a salary."""
    for place in range(len(words)):
        named = VERB_COLUMNS.get(words.lower(place), ()) if words.is_free(place) else ()
        found = [key for key, entry in catalog.columns.items() if entry.kind is Kind.NUMBER and not is_key(entry)]
        for name in named:
            if columns := tuple(key for key in found if name in catalog.columns[key].words):
                words.take(place, place + 1)
                yield Mention(place, place + 1, columns=columns)
                break


@lru_cache(maxsize=128)
def comment_nouns(catalog: Catalog) -> dict[str, tuple[tuple[str, ...], tuple[ColumnKey, ...]]]:
    """What a comment begins with is another name: "Pieces ordered" of a quantity, "The lines of orders" of a table."""
    nouns: dict[str, tuple[list[str], list[ColumnKey]]] = {}
    for table in catalog.tables.values():
        if noun := _first_noun(table.table.comment):
            nouns.setdefault(noun, ([], []))[0].append(table.name)
        for column in table.columns:
            if column.kind is Kind.NUMBER and not is_key(column) and (noun := _first_noun(column.column.comment)):
                nouns.setdefault(noun, ([], []))[1].append(column.key)
    return {noun: (tuple(tables), tuple(columns)) for noun, (tables, columns) in nouns.items()}


def _first_noun(comment: str) -> str | None:
    content = [
        token for token in tokenize(comment[:60])[:4] if token.kind is TokenKind.WORD and token.lemma not in STOP_WORDS
    ]
    if not content or content[0].lemma in COMMENT_NOUN_SKIPS or not content[0].text.lower().endswith("s"):
        return None
    return content[0].lemma
