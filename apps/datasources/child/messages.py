"""How values travel between child and parent: JSON, with what JSON has no word for as an object of one key."""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

Row = tuple[Any, ...]
Message = dict[str, Any]
_ROWS_PER_MESSAGE = 500
_BYTES_PER_MESSAGE = 1024 * 1024
# What a number or a date takes, about; the same as `apps.datasources.results.size_of` counts.
_OTHER_BYTES = 16
_PLAIN = (str, int, float, bool, type(None))


def encoded(message: Message) -> bytes:
    """One line."""
    return json.dumps(message, default=_tagged).encode() + b"\n"


def packed(rows: Iterable[Row], *, most_rows: int, most_bytes: int) -> Iterator[tuple[list[Row], bool, bool]]:
    """Rows in pieces that fit a message: (rows, whether this is the last piece, whether a row was too large for it).

    `most_bytes` bounds all rows together. There is always a last piece.
    """
    piece: list[Row] = []
    size = 0
    for number, row in enumerate(rows, 1):
        weight = sum(len(value) if isinstance(value, str | bytes) else _weight(value) for value in row)
        most_bytes -= weight
        if most_bytes < 0:
            yield piece, True, True
            return
        piece.append(row)
        size += weight
        if number == most_rows:
            break
        if len(piece) == _ROWS_PER_MESSAGE or size >= _BYTES_PER_MESSAGE:
            yield piece, False, False
            piece, size = [], 0
    yield piece, True, False


def plain(row: Row) -> list[Any]:
    """A row with every dictionary marked as one, so that none is taken for a marked value."""
    return [value if isinstance(value, _PLAIN) else _marked(value) for value in row]


def _weight(value: Any) -> int:
    if isinstance(value, list | tuple | dict):
        items = value.values() if isinstance(value, dict) else value
        return _OTHER_BYTES + sum(len(item) if isinstance(item, str | bytes) else _weight(item) for item in items)
    return _OTHER_BYTES


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {"object": [[str(key), _marked(item)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return [_marked(item) for item in value]
    return value


def _tagged(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, datetime):
        return {"timestamp": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    if isinstance(value, UUID):
        return {"uuid": str(value)}
    return str(value)


_READERS: dict[str, Any] = {
    "base64": base64.b64decode,
    "decimal": Decimal,
    "timestamp": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "uuid": UUID,
    "object": lambda pairs: {key: read_back(item) for key, item in pairs},
}


def read_back(value: Any) -> Any:
    """In the parent: the value again."""
    if isinstance(value, dict):
        ((kind, told),) = value.items()
        return _READERS[kind](told)
    if isinstance(value, list):
        return [read_back(item) for item in value]
    return value
