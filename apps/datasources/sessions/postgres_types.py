"""PostgreSQL's types as ours, and loaders that lose nothing where Python's own types would."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg.adapt import Buffer
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from psycopg.types.string import TextLoader

from apps.datasources.schema import ColumnType

_BY_NAME: Mapping[str, ColumnType] = MappingProxyType(
    {
        **dict.fromkeys(("text", "varchar", "bpchar", "name", "citext", "xml", "char", "enum"), ColumnType.TEXT),
        **dict.fromkeys(("int2", "int4", "int8", "oid"), ColumnType.INTEGER),
        **dict.fromkeys(("numeric", "money"), ColumnType.DECIMAL),
        **dict.fromkeys(("float4", "float8"), ColumnType.FLOAT),
        **dict.fromkeys(("timestamp", "timestamptz"), ColumnType.TIMESTAMP),
        **dict.fromkeys(("time", "timetz"), ColumnType.TIME),
        **dict.fromkeys(("json", "jsonb"), ColumnType.JSON),
        "bool": ColumnType.BOOLEAN,
        "date": ColumnType.DATE,
        "interval": ColumnType.INTERVAL,
        "bytea": ColumnType.BINARY,
        "uuid": ColumnType.UUID,
    }
)
# As text: months are no number of days, JSON's numbers are no floats.
_AS_TEXT = ("interval", "json", "jsonb")


def column_type(type_name: str, *, is_array: bool = False) -> ColumnType:
    """Our type for PostgreSQL's internal type name (int4, timestamptz …)."""
    return ColumnType.ARRAY if is_array else _BY_NAME.get(type_name, ColumnType.OTHER)


def type_of(oid: int) -> ColumnType:
    """Our type for a type's number in a result."""
    info = psycopg.postgres.types.get(oid)
    if info is None:
        return ColumnType.OTHER
    return column_type(info.name, is_array=info.array_oid == oid)


class _ExactDate(DateLoader):
    def load(self, data: Buffer) -> Any:
        return _or_text(super().load, data)


class _ExactTimestamp(TimestampLoader):
    def load(self, data: Buffer) -> Any:
        return _or_text(super().load, data)


class _ExactTimestamptz(TimestamptzLoader):
    def load(self, data: Buffer) -> Any:
        return _or_text(super().load, data)


def _or_text(load: Any, data: Buffer) -> Any:
    """Infinity, and years that Python has not, stay as PostgreSQL writes them."""
    try:
        return load(data)
    except psycopg.DataError:
        return bytes(data).decode()


def register_exact_loaders(adapters: Any) -> None:
    """Make a connection bring back exact values."""
    for name in _AS_TEXT:
        adapters.register_loader(name, TextLoader)
    adapters.register_loader("date", _ExactDate)
    adapters.register_loader("timestamp", _ExactTimestamp)
    adapters.register_loader("timestamptz", _ExactTimestamptz)
