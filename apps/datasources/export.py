"""A result as a file, written while it is read where the format allows it: CSV, JSON and NDJSON do.

A file that does not hold all rows says so at its end: a last line, an object, a sheet or its metadata.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from apps.datasources.results import ResultColumn, to_json_value
from apps.datasources.schema import ColumnType

Rows = Iterable[Sequence[tuple[Any, ...]]]  # batches of rows
IsCut = Callable[[], bool]  # asked after the last batch: whether there were more rows than the file may hold
DANGEROUS_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001  (the wide forms start formulas too)
_ROWS_PER_CHUNK = 10_000
CUT = "There are more rows than this file may hold."


def _whole() -> bool:
    return False


class Format(NamedTuple):
    """How one file format is written."""

    media_type: str
    write: Callable[..., Iterator[bytes]]


def write_csv(columns: Sequence[ResultColumn], batches: Rows, is_cut: IsCut = _whole) -> Iterator[bytes]:
    """RFC 4180 with a header line. Text that a spreadsheet would run as a formula gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_harmless(column.name) for column in columns])
    for batch in batches:
        writer.writerows([[_harmless(_as_text(value)) for value in row] for row in batch])
        yield _taken(buffer)
    if is_cut():
        writer.writerow([CUT])
    yield _taken(buffer)


def write_ndjson(columns: Sequence[ResultColumn], batches: Rows, is_cut: IsCut = _whole) -> Iterator[bytes]:
    """One JSON object a row."""
    names = _unique([column.name for column in columns])  # an object keeps one value a name
    for batch in batches:
        for row in batch:
            yield json.dumps(dict(zip(names, map(to_json_value, row), strict=True))).encode() + b"\n"
    if is_cut():
        yield json.dumps({"truncated": CUT}).encode() + b"\n"


def write_json(columns: Sequence[ResultColumn], batches: Rows, is_cut: IsCut = _whole) -> Iterator[bytes]:
    """One object: `columns` and `rows`, as in a query's result."""
    described = [{"name": column.name, "type": column.type.value} for column in columns]
    yield b'{"columns": ' + json.dumps(described).encode() + b', "rows": ['
    comma = b""
    for batch in batches:
        for row in batch:
            yield comma + json.dumps([to_json_value(value) for value in row]).encode()
            comma = b", "
    yield b'], "truncated": ' + json.dumps(is_cut()).encode() + b"}"


def write_arrow(columns: Sequence[ResultColumn], batches: Rows, is_cut: IsCut = _whole) -> Iterator[bytes]:
    """The Arrow IPC stream format."""
    table, sink = _table(columns, batches, is_cut), _Drain()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        for batch in table.to_batches(max_chunksize=_ROWS_PER_CHUNK):
            writer.write_batch(batch)
            yield sink.taken()
    yield sink.taken()


def write_parquet(columns: Sequence[ResultColumn], batches: Rows, is_cut: IsCut = _whole) -> Iterator[bytes]:
    """Parquet, a row group at a time."""
    table, sink = _table(columns, batches, is_cut), _Drain()
    with pq.ParquetWriter(sink, table.schema) as writer:
        for batch in table.to_batches(max_chunksize=_ROWS_PER_CHUNK):
            writer.write_batch(batch)
            yield sink.taken()
    yield sink.taken()


def write_xlsx(columns: Sequence[ResultColumn], batches: Rows, is_cut: IsCut = _whole) -> Iterator[bytes]:
    """An Excel workbook with one sheet; decimals beyond 15 digits stay text, since Excel would round them."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Result")
    sheet.append([_cell(sheet, column.name) for column in columns])
    for batch in batches:
        for row in batch:
            sheet.append([_cell(sheet, value) for value in row])
    if is_cut():
        book.create_sheet("Truncated").append([CUT])
    buffer = io.BytesIO()
    book.save(buffer)
    yield buffer.getvalue()


FORMATS: dict[str, Format] = {
    "csv": Format("text/csv; charset=utf-8", write_csv),
    "json": Format("application/json", write_json),
    "ndjson": Format("application/x-ndjson", write_ndjson),
    "arrow": Format("application/vnd.apache.arrow.stream", write_arrow),
    "parquet": Format("application/vnd.apache.parquet", write_parquet),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
}


class _Drain(io.RawIOBase):
    """A file that gives away what was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._chunks: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        data = bytes(chunk)
        self._chunks.append(data)
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def taken(self) -> bytes:
        chunks, self._chunks = self._chunks, []
        return b"".join(chunks)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _as_text(value: Any) -> Any:
    """A value for a cell: lists and objects as JSON, all else as in JSON."""
    plain = to_json_value(value)
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, list | dict) else plain


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(DANGEROUS_STARTS) and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _table(columns: Sequence[ResultColumn], batches: Rows, is_cut: IsCut) -> pa.Table:
    """All rows, each column of the one type that fits all its values: no part of them can tell what the rest holds."""
    rows = [row for batch in batches for row in batch]
    arrays = [_array(column, [row[position] for row in rows]) for position, column in enumerate(columns)]
    metadata = {"parley.truncated": json.dumps(is_cut())}
    return pa.table(arrays, names=_unique([column.name for column in columns]), metadata=metadata)


def _array(column: ResultColumn, values: list[Any]) -> pa.Array:
    """Arrow's own type where the values agree on one; text otherwise, and for decimals, which stay exact so."""
    if column.type is not ColumnType.DECIMAL and any(value is not None for value in values):
        with suppress(pa.ArrowInvalid, pa.ArrowTypeError):
            return pa.array(values)
    return pa.array([None if value is None else str(_as_text(value)) for value in values], pa.string())


def _unique(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


def _cell(sheet: Any, value: Any) -> WriteOnlyCell:
    if isinstance(value, Decimal) and len(value.as_tuple().digits) <= 15 and value.is_finite() and abs(value) < 10**15:
        return WriteOnlyCell(sheet, float(value))
    if isinstance(value, int | float) and abs(value) < 10**15:
        return WriteOnlyCell(sheet, value)
    text = None if value is None else ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", str(_as_text(value)))
    cell = WriteOnlyCell(sheet, text)
    if value is not None:
        cell.data_type = "s"  # never a formula
    return cell
