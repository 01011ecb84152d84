"""A schema prepared for linking: what each name says in words, and which names a word may point at."""

import re
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from apps.common.identity import kept_by_identity
from apps.datasources.schema import Column, ColumnType, Schema, Table

from .joins import JoinGraph
from .naming import Naming
from .table_index import TableIndex

_YES = frozenset(("y", "yes", "t", "true", "1"))
_NO = frozenset(("n", "no", "f", "false", "0"))
_AGGREGATE_WORDS = frozenset(("average", "minimum", "maximum", "total", "sum", "count"))
_NAME_WORDS = ("name", "title", "label")
_NUMBER_TEXT = re.compile(r"-?\d+(\.\d+)?")
MOST_PARTS = 32
_DATE_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}")


class Kind(StrEnum):
    """What a column is good for, as far as words are concerned."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A column with its words; `core` are those that its table's name does not already say."""

    table: str
    name: str
    column: Column
    words: tuple[str, ...]
    core: tuple[str, ...]
    kind: Kind
    is_primary: bool
    is_foreign: bool
    is_id: bool
    is_name: bool
    position: int

    @property
    def yes(self) -> str | None:
        """The value that means yes, if all known values are a yes or a no."""
        values = {sample.lower() for sample in self.column.samples}
        if not values or not values <= _YES | _NO or len(values) > 2:
            return None
        return next((sample for sample in self.column.samples if sample.lower() in _YES), None)

    @property
    def key(self) -> tuple[str, str]:
        return (self.table, self.name)


@dataclass(frozen=True)
class TableEntry:
    """A table with its words and its columns; `name_column` is what people would call a row by."""

    table: Table
    words: tuple[str, ...]
    columns: tuple[ColumnEntry, ...]

    @property
    def name(self) -> str:
        return self.table.full_name

    @cached_property
    def name_column(self) -> ColumnEntry | None:
        named = [column for column in self.columns if column.is_name]
        texts = [column for column in self.columns if column.kind is Kind.TEXT and not column.is_id]
        return next(iter(named or texts), None)

    @cached_property
    def id_column(self) -> ColumnEntry | None:
        """The single column that identifies a row, by key or else by name."""
        keys = [column for column in self.columns if column.is_primary]
        if len(keys) == 1:
            return keys[0]
        ids = [column for column in self.columns if column.is_id and not keys]
        return ids[0] if ids and ids[0].position == 0 else None


class Catalog:
    """All tables of a schema by their words. Build it once a schema: see `catalog_of`.

    Entries are made when they are first asked for: of a large schema only `part` of it should be.
    """

    def __init__(self, schema: Schema, naming: Naming | None = None) -> None:
        self.schema = schema
        self._naming = naming or Naming(schema)
        self._parts: OrderedDict[frozenset[str], Catalog] = OrderedDict()

    @cached_property
    def tables(self) -> dict[str, TableEntry]:
        return {table.full_name: _table_entry(table, self._naming) for table in self.schema}

    @cached_property
    def columns(self) -> dict[tuple[str, str], ColumnEntry]:
        return {column.key: column for table in self.tables.values() for column in table.columns}

    @cached_property
    def _by_lower(self) -> dict[tuple[str, str], ColumnEntry]:
        return {(table.lower(), name.lower()): entry for (table, name), entry in self.columns.items()}

    @cached_property
    def joins(self) -> JoinGraph:
        return JoinGraph(self.schema)

    @cached_property
    def index(self) -> TableIndex:
        return TableIndex(self.schema, self._naming)

    @property
    def tables_by_word(self) -> TableIndex:
        """The roots of all words that names say."""
        return self.index

    @cached_property
    def by_full_name(self) -> dict[str, Table]:
        return {table.full_name: table for table in self.schema}

    def table_words(self, full_name: str) -> tuple[str, ...]:
        """The words of a table's name, without making its entry."""
        return self._naming.table_words(self.by_full_name[full_name].name)

    def part(self, names: Collection[str]) -> "Catalog":
        """A catalog of these tables alone, with words as in the whole; the latest few are kept."""
        wanted = frozenset(names)
        known = self._parts.pop(wanted, None)
        if known is None:
            tables = tuple(self.by_full_name[name] for name in sorted(wanted))
            known = Catalog(replace(self.schema, tables=tables), self._naming)
        self._parts[wanted] = known
        if len(self._parts) > MOST_PARTS:
            self._parts.popitem(last=False)
        return known

    @cached_property
    def summaries(self) -> frozenset[str]:
        """Tables that only repeat another one with its numbers summed up ("avg_budget", "max_budget" beside
        "budget")."""
        homes: dict[frozenset[str], set[str]] = defaultdict(set)
        for entry in self.columns.values():
            homes[frozenset(entry.words)].add(entry.table)
        return frozenset(entry.name for entry in self.tables.values() if self._repeats(entry, homes))

    def _repeats(self, entry: TableEntry, homes: dict[frozenset[str], set[str]]) -> bool:
        """Whether all that a table has beyond some other one is that one's columns, summed up."""
        bases = {home for column in entry.columns if _is_summed(column) for home in homes[frozenset(column.words[1:])]}
        return any(self._sums_up(entry, self.tables[base]) for base in bases - {entry.name})

    @staticmethod
    def _sums_up(entry: TableEntry, base: TableEntry) -> bool:
        names = {column.name.lower() for column in base.columns}
        said = {frozenset(column.words) for column in base.columns}
        added = [column for column in entry.columns if column.name.lower() not in names]
        return bool(added) and all(_is_summed(one) and frozenset(one.words[1:]) in said for one in added)

    def column(self, table: str, name: str) -> ColumnEntry | None:
        """The column of that table, compared without case; a table also without its namespace."""
        found = self._by_lower.get((table.lower(), name.lower()))
        if found is None and (plain := self.schema.table(table)):
            found = self._by_lower.get((plain.full_name.lower(), name.lower()))
        return found


def _is_summed(column: ColumnEntry) -> bool:
    return len(column.words) > 1 and column.words[0] in _AGGREGATE_WORDS


@kept_by_identity(maxsize=128)
def catalog_of(schema: Schema) -> Catalog:
    """The prepared form of a schema, kept as long as the schema is in use."""
    return Catalog(schema)


def _with_sound_keys(table: Table) -> Table:
    """The table with its foreign keys spelled as its columns are, without those over columns that are not there."""
    keys = tuple(
        replace(key, columns=tuple(column.name for column in columns if column))
        for key in table.foreign_keys
        if all(columns := [table.column(name) for name in key.columns])
    )
    return table if keys == table.foreign_keys else replace(table, foreign_keys=keys)


def _table_entry(table: Table, naming: Naming) -> TableEntry:
    table = _with_sound_keys(table)
    words = naming.table_words(table.name)
    foreign = {name.lower() for key in table.foreign_keys for name in key.columns}
    columns = tuple(
        _column_entry(table, column, position, words, naming.column_words(column.name), foreign)
        for position, column in enumerate(table.columns)
    )
    return TableEntry(table, words, columns)


def _column_entry(
    table: Table, column: Column, position: int, table_words: Iterable[str], spoken: tuple[str, ...], foreign: set[str]
) -> ColumnEntry:
    core = tuple(word for word in spoken if word not in set(table_words)) or spoken
    is_primary = table.primary_key == (column.name,)
    kind = _kind(column)
    return ColumnEntry(
        table.full_name,
        column.name,
        column,
        spoken,
        core,
        kind,
        is_primary,
        column.name.lower() in foreign,
        spoken[-1] in ("id", "code", "key") or (is_primary and kind is Kind.NUMBER),
        spoken[-1] in _NAME_WORDS or (len(core) == 1 and core == spoken and set(core) <= set(table_words)),
        position,
    )


def _kind(column: Column) -> Kind:
    if column.type is ColumnType.BOOLEAN:
        return Kind.BOOLEAN
    if column.type.is_temporal:
        return Kind.DATE
    if column.type.is_number:
        return Kind.NUMBER
    if column.type in (ColumnType.TEXT, ColumnType.UUID, ColumnType.OTHER):
        dates = [bool(_DATE_TEXT.match(sample)) for sample in column.samples]
        return Kind.DATE if dates and all(dates) else Kind.TEXT
    return Kind.OTHER
