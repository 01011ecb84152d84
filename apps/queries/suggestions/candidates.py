"""Questions worth a check: variations of an answer, better wordings of what was not understood, good first questions.

Names come from a schema that holds nothing that the person may not see. No Django here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from math import log2

from sqlglot import exp

from apps.knowledge.catalog import Catalog, ColumnEntry, Kind, TableEntry
from apps.queries.engines.builtin.analysis import Analysis, SpanKind
from apps.queries.engines.builtin.conversation.dates import time_columns, year_literals
from apps.queries.engines.builtin.conversation.nouns import noun_of
from apps.queries.engines.builtin.conversation.sources import Sources, is_aggregated, subject_of
from apps.queries.engines.builtin.triage_features import STRONG

FEW_VALUES = 40  # a column with more different values divides nothing that anyone reads
MOST_GROUPS = 3
TOP = 5
LONGEST_VALUE = 60
CATEGORIES = frozenset("country category type channel segment region department gender".split())
PLACES = frozenset("country city region state town".split())


@dataclass(frozen=True)
class Rows:
    """What an answer brought: how many rows, and the first one's first value where it is a text."""

    count: int
    first: str = ""


def next_questions(tree: exp.Select, rows: Rows, catalog: Catalog) -> Iterator[str]:
    """What one may ask after an answer, in words that lean on it: the nearest first, of different kinds."""
    subject, sources = subject_of(tree, catalog), Sources(tree, catalog)
    if subject is None or not sources.is_plain:
        return
    timed = bool(time_columns(tree) or year_literals(tree))
    base = catalog.tables[next(iter(sources.tables.values()))]
    if is_aggregated(tree) and not tree.args.get("group"):
        yield from (["Compared with the year before"] if timed else [])
        yield from (["By month"] if timed or _dates(base) else [])
        yield from (f"By {_said(column)}" for column in _categories(base)[:MOST_GROUPS])
    elif tree.args.get("group"):
        yield from ([f"Only {rows.first}"] if 0 < len(rows.first) <= LONGEST_VALUE and rows.count > 1 else [])
        yield from ([f"Top {TOP} only"] if rows.count > TOP else [])
        yield "As a share"
        yield from (f"By {_said(column)} instead" for column in _categories(base)[:MOST_GROUPS])
    elif rows.count > 1:
        yield "How many is that?"
        for column in _amounts(catalog.tables[subject.table])[:1]:
            yield f"Sort them by {_said(column)}"
            yield f"What is their average {_said(column)}?"
        for name in _belonging(subject.table, catalog)[:1]:
            yield f"How many {noun_of(name, catalog)} do they have?"
    elif rows.count == 1:
        yield "The other way round"
        yield from (f"What is their {_said(column)}?" for column in _telling(catalog.tables[subject.table])[:2])


def first_questions(catalog: Catalog, tables: Sequence[str] = ()) -> Iterator[str]:
    """Good questions about these tables, else about those that most is known of; in turns, so that they differ."""
    names = list(tables) or _central(catalog)
    for row in zip_longest(*(_about(catalog.tables[name], catalog) for name in names)):
        yield from filter(None, row)


def wordings(analysis: Analysis) -> Iterator[str]:
    """Whole questions made of what was recognised in one that was not understood."""
    catalog = analysis.catalog
    links = sorted(analysis.links, key=lambda one: (-one.quality, one.start))
    tables = list(dict.fromkeys(one.table for one in links if one.column is None and one.quality >= STRONG))
    columns = [catalog.columns[(one.table, one.column)] for one in links if one.column and one.quality >= STRONG]
    spans = [span for span in analysis.spans if span.kind is SpanKind.TEXT and span.matches]
    holding = [key[0] for span in spans for key, _, _ in span.matches] + [column.table for column in columns]
    tables = tables or list(dict.fromkeys(holding))
    for span in spans[:2]:
        for table in tables[:2]:
            held = next(((key, value) for key, value, _ in span.matches if key[0] == table), None)
            if held:
                words = catalog.columns[held[0]].words
                link = "are from" if PLACES & set(words) else f"have the {' '.join(words)}"
                yield f"How many {noun_of(table, catalog)} {link} {held[1]}?"
                yield f"Which {noun_of(table, catalog)} {link} {held[1]}?"
    for column in columns[:3]:
        yield from _of_column(column, catalog)
    yield from first_questions(catalog, tables[:3]) if tables else ()


def _of_column(column: ColumnEntry, catalog: Catalog) -> Iterator[str]:
    noun = noun_of(column.table, catalog)
    if column.kind is Kind.NUMBER and not column.is_id and not column.is_foreign:
        yield f"What is the average {_said(column)} of {noun}?"
        yield f"Which {noun} have the highest {_said(column)}?"
    elif column.kind is Kind.TEXT and not column.is_name:
        yield f"How many {noun} are there per {_said(column)}?"


def _about(table: TableEntry, catalog: Catalog) -> Iterator[str]:
    """Questions about one table, the most telling first."""
    noun = noun_of(table.name, catalog)
    for column in _categories(table)[:1]:
        yield f"How many {noun} are there per {_said(column)}?"
    for column in _amounts(table)[:1]:
        yield f"What is the average {_said(column)} of {noun}?"
        yield f"Which {noun} have the highest {_said(column)}?"
    yield f"How many {noun} are there?"
    for name in _belonging(table.name, catalog)[:1]:
        yield f"Which {noun} have the most {noun_of(name, catalog)}?"


def _central(catalog: Catalog) -> list[str]:
    """Tables that hold much and hang together with much; those that only join others come last."""
    known = [one for one in catalog.tables.values() if one.table.row_count != 0]

    def weight(entry: TableEntry) -> tuple[bool, float]:
        joins = len(catalog.joins.neighbours(entry.name))
        return entry.id_column is None, -(1 + joins) * log2(2 + (entry.table.row_count or 0))

    return [one.name for one in sorted(known, key=weight)[:4]]


def _belonging(table: str, catalog: Catalog) -> list[str]:
    """Tables whose rows belong to this one's by a declared key."""
    return [
        join.target
        for join in catalog.joins.joins_from(table)
        if join.declared and len(catalog.joins.joins_between(join.target, table)) == 1 and join.target != table
        and join.columns == tuple(column.name for column in catalog.tables[table].columns if column.is_primary)
    ]  # fmt: skip


def _categories(table: TableEntry) -> list[ColumnEntry]:
    """Columns that divide rows into few groups, those that people divide by first."""

    def divides(column: ColumnEntry) -> bool:
        count = column.column.distinct_count
        told = count is not None and 2 <= count <= FEW_VALUES
        is_code = column.is_id or column.is_foreign or column.is_primary or column.is_name
        return column.kind is Kind.TEXT and not is_code and (told or bool(CATEGORIES & set(column.words)))

    return sorted(filter(divides, table.columns), key=lambda one: (not CATEGORIES & set(one.words), one.position))


def _amounts(table: TableEntry) -> list[ColumnEntry]:
    """Numbers that can be compared and added."""
    return [
        one for one in table.columns
        if one.kind is Kind.NUMBER and not (one.is_id or one.is_foreign or one.is_primary) and one.yes is None
        and not {"status", "code", "year", "no", "number"} & set(one.words)
    ]  # fmt: skip


def _dates(table: TableEntry) -> list[ColumnEntry]:
    return [one for one in table.columns if one.kind is Kind.DATE]


def _telling(table: TableEntry) -> list[ColumnEntry]:
    """Columns that say more about a row."""
    return list(islice((one for one in table.columns if not (one.is_id or one.is_foreign or one.is_name)), 4))


def _said(column: ColumnEntry) -> str:
    return " ".join(column.words)
