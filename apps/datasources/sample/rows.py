"""Rows as plain values, and their one text form: what COPY reads is what the digests are taken of."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal

Value = int | str | bool | Decimal | dt.date | dt.datetime | None
Row = tuple[Value, ...]
Tables = Mapping[str, list[Row]]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def value_text(value: Value) -> str:
    """One value in PostgreSQL's text format for COPY."""
    if value is None:
        return "\\N"
    if value is True:
        return "t"
    if value is False:
        return "f"
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)


def rows_text(rows: Iterable[Row]) -> str:
    """Rows as COPY reads them: values parted by tabs, each row ended by a line feed."""
    return "".join(["\t".join(map(value_text, row)) + "\n" for row in rows])


def digest_text(text: str) -> str:
    """A short digest of rows in their text form; their order counts."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
