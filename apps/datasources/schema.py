"""A data source's schema as plain values: what the guard, the linker and the prompts look at.

No Django here: the same types describe a source read live, from our database or in a benchmark.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property


class ColumnType(StrEnum):
    """What a column's values are, whatever the source calls its type."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    INTERVAL = "interval"
    JSON = "json"
    BINARY = "binary"
    ARRAY = "array"
    UUID = "uuid"
    OTHER = "other"

    @property
    def is_number(self) -> bool:
        return self in (ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT)

    @property
    def is_temporal(self) -> bool:
        return self in (ColumnType.DATE, ColumnType.TIMESTAMP, ColumnType.TIME)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `native_type` is the source's own name for its type; `samples` are a few values as text."""

    name: str
    type: ColumnType
    native_type: str = ""
    nullable: bool = True
    comment: str = ""
    samples: tuple[str, ...] = ()
    distinct_count: int | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of this table refer to `target_columns` of `target_table` (same order, same length)."""

    columns: tuple[str, ...]
    target_table: str
    target_columns: tuple[str, ...]
    target_namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Which share of a column's values stands in the target column too, of `sampled` different ones that were tried.

    Measured for columns that seem to refer to others without a declared key; tables by full name.
    """

    table: str
    column: str
    target: str
    target_column: str
    share: float
    sampled: int


@dataclass(frozen=True)
class Table:
    """One table or view. `namespace` is its schema in PostgreSQL's sense, None where the source has none."""

    name: str
    columns: tuple[Column, ...]
    namespace: str | None = None
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    comment: str = ""
    row_count: int | None = None
    is_view: bool = False

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name.lower(): column for column in self.columns}

    def column(self, name: str) -> Column | None:
        """The column of that name, compared without case, or None."""
        return self._by_name.get(name.lower())

    @property
    def full_name(self) -> str:
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


@dataclass(frozen=True)
class Schema:
    """All tables that somebody may see, in one dialect (sqlglot's name: postgres, sqlite, mysql, duckdb, tsql …)."""

    dialect: str
    tables: tuple[Table, ...]
    default_namespace: str | None = None
    # Types of the source's own making that only hold values, by full name: a query may name them.
    types: frozenset[str] = frozenset()
    overlaps: tuple[Overlap, ...] = ()
    _by_name: dict[tuple[str | None, str], Table] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for table in self.tables:
            self._by_name[(table.namespace and table.namespace.lower(), table.name.lower())] = table

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)

    def table(self, name: str, namespace: str | None = None) -> Table | None:
        """The table of that name (without case); without a namespace, in the default one."""
        wanted = namespace or self.default_namespace
        return self._by_name.get((wanted and wanted.lower(), name.lower()))

    def without_samples(self) -> "Schema":
        """The same structure, without any value out of a row."""
        return replace(
            self,
            tables=tuple(
                replace(table, columns=tuple(replace(column, samples=()) for column in table.columns))
                for table in self.tables
            ),
        )

    @cached_property
    def version(self) -> str:
        """A digest of names, types and keys: changes when the structure does, not when rows do."""
        digest = hashlib.sha256(self.dialect.encode())
        for table in sorted(self.tables, key=lambda one: one.full_name):
            digest.update(repr((table.full_name, table.primary_key, table.foreign_keys)).encode())
            digest.update(repr([(column.name, column.native_type) for column in table.columns]).encode())
        digest.update(repr(sorted(self.types)).encode() if self.types else b"")
        return digest.hexdigest()[:16]
