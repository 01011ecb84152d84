"""What a run brought back: columns and rows, exact in Python and exact in JSON."""

import base64
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.datasources.schema import ColumnType

# The largest whole number that every JSON reader keeps.
_LARGEST_JSON_INTEGER = 2**53

# What a number, a date or a small list takes on its way, about.
_OTHER_BYTES = 16

# What stands for U+0000, which our database keeps in no text.
NO_NUL = "\N{REPLACEMENT CHARACTER}"

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ResultColumn:
    name: str
    type: ColumnType


@dataclass(frozen=True)
class ResultSet:
    """A whole result in memory. `truncated` says that there are, or may be, more rows than these."""

    columns: tuple[ResultColumn, ...]
    rows: tuple[Row, ...]
    truncated: bool
    duration_ms: int

    @property
    def row_count(self) -> int:
        return len(self.rows)

    def to_json_rows(self) -> list[list[Any]]:
        """The rows as JSON values that keep what they mean; see `to_json_value`."""
        return [[to_json_value(value) for value in row] for row in self.rows]


def to_json_value(value: Any) -> Any:
    """One value for JSON: what JSON cannot hold exactly travels as a string, and the column's type says so.

    Decimals, integers beyond 2^53, NaN and infinity as strings, dates and times as ISO 8601, bytes as base64.
    """
    if isinstance(value, str):
        return value.replace("\0", NO_NUL)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST_JSON_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _iso_duration(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, list | tuple):
        return [to_json_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_json_value(item) for key, item in value.items()}
    return str(value)


def _iso_duration(value: timedelta) -> str:
    """ISO 8601, in days and seconds: P1DT3600.5S."""
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    seconds = Decimal(value.seconds) + Decimal(value.microseconds) / 1_000_000
    return f"{sign}P{value.days}DT{seconds.normalize():f}S"


def size_of(row: Row) -> int:
    """About how many bytes a row takes on its way, cheap enough for every row."""
    return sum(len(value) if isinstance(value, str | bytes) else _size_of_other(value) for value in row)


def _size_of_other(value: Any) -> int:
    """Lists and objects take what is in them."""
    if isinstance(value, list | tuple | dict):
        items = value.values() if isinstance(value, dict) else value
        return _OTHER_BYTES + size_of(tuple(items))
    return _OTHER_BYTES


_BY_PYTHON_TYPE: dict[type, ColumnType] = {
    bool: ColumnType.BOOLEAN,
    int: ColumnType.INTEGER,
    float: ColumnType.FLOAT,
    Decimal: ColumnType.DECIMAL,
    str: ColumnType.TEXT,
    bytes: ColumnType.BINARY,
    datetime: ColumnType.TIMESTAMP,
    date: ColumnType.DATE,
    time: ColumnType.TIME,
    timedelta: ColumnType.INTERVAL,
    UUID: ColumnType.UUID,
    list: ColumnType.ARRAY,
    dict: ColumnType.JSON,
}


def types_of(rows: Iterator[Row] | tuple[Row, ...] | list[Row], width: int) -> tuple[ColumnType, ...]:
    """Each column's type from its values, where the engine does not say; integers beside floats are FLOAT."""
    seen: list[set[ColumnType]] = [set() for _ in range(width)]
    for row in rows:
        for types, value in zip(seen, row, strict=True):
            if value is not None:
                types.add(_BY_PYTHON_TYPE.get(type(value), ColumnType.OTHER))
    return tuple(_common(types) for types in seen)


def _common(types: set[ColumnType]) -> ColumnType:
    if not types:
        return ColumnType.TEXT
    if len(types) == 1:
        return next(iter(types))
    if types == {ColumnType.INTEGER, ColumnType.FLOAT}:
        return ColumnType.FLOAT
    return ColumnType.OTHER
