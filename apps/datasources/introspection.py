"""Reads what a data source holds: tables, columns, keys, comments, and a few values of each column."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp

from apps.common.errors import AppError
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.execution import Limits, execute
from apps.datasources.guard import check_sql
from apps.datasources.identifiers import identifier, reference
from apps.datasources.introspection_described import described_schema
from apps.datasources.introspection_rows import postgres_schema, sqlite_schema
from apps.datasources.results import to_json_value
from apps.datasources.schema import Column, Schema, Table
from apps.datasources.sessions import session_for

_Builder = Callable[[Mapping[str, list[dict[str, Any]]], SourceAddress], Schema]
_BUILDERS: Mapping[SourceKind, _Builder] = {
    **dict.fromkeys(SourceKind, described_schema),
    SourceKind.POSTGRES: postgres_schema,
    SourceKind.SQLITE: sqlite_schema,
}
_SAMPLE_ROWS = 500
_SAMPLES = 5
_SAMPLE_LENGTH = 60
_SAMPLE_LIMITS = Limits(rows=_SAMPLE_ROWS, bytes=4 * 1024 * 1024, timeout_seconds=5)
_VALUES_TIMEOUT_SECONDS = 30
_COUNT_LIMITS = Limits(rows=1, timeout_seconds=5)


def read_schema(address: SourceAddress) -> Schema:
    """Everything that the source's own credentials may read, with samples. Raises SourceUnavailable.

    Row counts are the source's estimate where it keeps one. A table that cannot be sampled in time has no samples.
    """
    schema = _BUILDERS[address.kind](session_for(address).catalogue(), address)
    access = Access(schema)
    tables = tuple(_counted(_sampled(table, address, access), address, access) for table in schema)
    return replace(schema, tables=tables)


def read_values(address: SourceAddress, table: Table, column: Column, *, limit: int) -> list[str]:
    """At most `limit` different values of one column as text, without NULL, for an index of values."""
    name = exp.column(identifier(column.name))
    select = exp.select(name).distinct().from_(reference(table)).where(name.copy().is_(exp.null()).not_()).limit(limit)
    access = Access(Schema(address.dialect, (table,), address.default_namespace))
    safe = check_sql(select.sql(dialect=address.dialect), dialect=address.dialect, access=access, row_limit=limit)
    result = execute(safe, address, limits=Limits(rows=limit, timeout_seconds=_VALUES_TIMEOUT_SECONDS))
    return [_text(row[0]) for row in result.rows]


def _sampled(table: Table, address: SourceAddress, access: Access) -> Table:
    select = exp.select("*").from_(reference(table)).limit(_SAMPLE_ROWS)
    try:
        safe = check_sql(select.sql(dialect=address.dialect), dialect=address.dialect, access=access)
        result = execute(safe, address, limits=_SAMPLE_LIMITS)
    except AppError:
        return table
    by_name = {column.name: position for position, column in enumerate(result.columns)}
    columns = tuple(
        replace(column, samples=_samples([row[by_name[column.name]] for row in result.rows]))
        if column.name in by_name
        else column
        for column in table.columns
    )
    return replace(table, columns=columns)


def _counted(table: Table, address: SourceAddress, access: Access) -> Table:
    """Counts the rows of a table whose source keeps no estimate of them."""
    if table.row_count is not None or table.is_view:
        return table
    select = exp.select(exp.Count(this=exp.Star())).from_(reference(table))
    try:
        safe = check_sql(select.sql(dialect=address.dialect), dialect=address.dialect, access=access)
        return replace(table, row_count=execute(safe, address, limits=_COUNT_LIMITS).rows[0][0])
    except AppError:
        return table


def _samples(values: list[Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in values:
        if value is None or isinstance(value, bytes):
            continue
        found.setdefault(_text(value)[:_SAMPLE_LENGTH])
        if len(found) == _SAMPLES:
            break
    return tuple(found)


def _text(value: Any) -> str:
    return str(to_json_value(value))
