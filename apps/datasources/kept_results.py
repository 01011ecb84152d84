"""A result as JSON from which the very same Python values come back, unlike the JSON that people get. No Django."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.datasources.results import ResultColumn, ResultSet
from apps.datasources.schema import ColumnType

PLAIN = (str, bool, int, float, type(None))
# Most exact type first, as a datetime is a date as well.
_WRITERS: tuple[tuple[type, str, Callable[[Any], str]], ...] = (
    (Decimal, "decimal", str),
    (datetime, "datetime", datetime.isoformat),
    (date, "date", date.isoformat),
    (time, "time", time.isoformat),
    (timedelta, "microseconds", lambda value: str(value // timedelta(microseconds=1))),
    (UUID, "uuid", str),
    (bytes, "bytes", lambda value: base64.b64encode(value).decode()),
)
_READERS: Mapping[str, Callable[[str], Any]] = {
    "decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "microseconds": lambda text: timedelta(microseconds=int(text)),
    "uuid": UUID,
    "bytes": base64.b64decode,
}


@dataclass(frozen=True)
class Fetched:
    """Rows, when they were read from the data source, and whether that was for an earlier question."""

    result: ResultSet
    read_at: datetime
    is_kept: bool = False


class NotKeepable(Exception):
    """A value is of a type that would not come back as it was."""


def to_kept(result: ResultSet) -> dict[str, Any]:
    """Raises NotKeepable."""
    return {
        "columns": [[column.name, column.type.value] for column in result.columns],
        "rows": [[_written(value) for value in row] for row in result.rows],
        "truncated": result.truncated,
    }


def from_kept(kept: Mapping[str, Any]) -> ResultSet:
    """The result again; reading it took no time in the source."""
    columns = tuple(ResultColumn(name, ColumnType(kind)) for name, kind in kept["columns"])
    rows = tuple(tuple(map(_read, row)) for row in kept["rows"])
    return ResultSet(columns, rows, kept["truncated"], duration_ms=0)


def _written(value: Any) -> Any:
    if type(value) in PLAIN:
        return value
    for kind, name, write in _WRITERS:
        if type(value) is kind:
            return {name: write(value)}
    raise NotKeepable(type(value).__name__)


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((name, text),) = value.items()
    return _READERS[name](text)
