"""A result as a file, written while it is read: no format here holds the whole result as text."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from apps.datasources.results import ResultColumn, to_json_value

Rows = Iterable[Sequence[tuple[Any, ...]]]  # batches of rows
DANGEROUS_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Format(NamedTuple):
    """How one file format is written."""

    media_type: str
    write: Callable[[Sequence[ResultColumn], Rows], Iterator[bytes]]


def write_csv(columns: Sequence[ResultColumn], batches: Rows) -> Iterator[bytes]:
    """RFC 4180 with a header line. Text that a spreadsheet would run as a formula gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_harmless(column.name) for column in columns])
    for batch in batches:
        writer.writerows([[_harmless(to_json_value(value)) for value in row] for row in batch])
        yield _taken(buffer)
    yield _taken(buffer)


def write_ndjson(columns: Sequence[ResultColumn], batches: Rows) -> Iterator[bytes]:
    """One JSON object a row."""
    names = [column.name for column in columns]
    for batch in batches:
        for row in batch:
            yield json.dumps(dict(zip(names, map(to_json_value, row), strict=True))).encode() + b"\n"


def write_json(columns: Sequence[ResultColumn], batches: Rows) -> Iterator[bytes]:
    """One object: `columns` and `rows`, as in a query's result."""
    described = [{"name": column.name, "type": column.type.value} for column in columns]
    yield b'{"columns": ' + json.dumps(described).encode() + b', "rows": ['
    comma = b""
    for batch in batches:
        for row in batch:
            yield comma + json.dumps([to_json_value(value) for value in row]).encode()
            comma = b", "
    yield b"]}"


def write_arrow(columns: Sequence[ResultColumn], batches: Rows) -> Iterator[bytes]:
    """The Arrow IPC stream format."""
    sink = _Drain()
    schema: pa.Schema | None = None
    writer: Any = None
    for batch in batches:
        table = _table(columns, batch, schema)
        schema = schema or table.schema
        writer = writer or pa.ipc.new_stream(sink, schema)
        writer.write_table(table)
        yield sink.taken()
    if writer is None:
        writer = pa.ipc.new_stream(sink, _table(columns, [], None).schema)
    writer.close()
    yield sink.taken()


def write_parquet(columns: Sequence[ResultColumn], batches: Rows) -> Iterator[bytes]:
    """Parquet, a row group a batch."""
    sink = _Drain()
    writer: pq.ParquetWriter | None = None
    schema: pa.Schema | None = None
    for batch in batches:
        table = _table(columns, batch, schema)
        schema = schema or table.schema
        writer = writer or pq.ParquetWriter(sink, schema)
        writer.write_table(table)
        yield sink.taken()
    if writer is None:
        writer = pq.ParquetWriter(sink, _table(columns, [], None).schema)
    writer.close()
    yield sink.taken()


def write_xlsx(columns: Sequence[ResultColumn], batches: Rows) -> Iterator[bytes]:
    """An Excel workbook with one sheet; decimals beyond 15 digits stay text, since Excel would round them."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Result")
    sheet.append([_cell(sheet, column.name) for column in columns])
    for batch in batches:
        for row in batch:
            sheet.append([_cell(sheet, value) for value in row])
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


def _table(columns: Sequence[ResultColumn], rows: Sequence[tuple[Any, ...]], schema: pa.Schema | None) -> pa.Table:
    """Arrow's types where the values agree on one, text otherwise; later batches follow the first one's types."""
    arrays = []
    for position, column in enumerate(columns):
        values = [row[position] for row in rows]
        arrays.append(_array(column, values, schema.field(position).type if schema else None))
    return pa.table(arrays, names=_unique([column.name for column in columns]))


def _array(column: ResultColumn, values: list[Any], wanted: pa.DataType | None) -> pa.Array:
    if wanted is None and column.type.value == "decimal":
        wanted = pa.string()  # exact in every batch, whatever scale the first one had
    if wanted is not None and pa.types.is_string(wanted):
        return pa.array([None if value is None else str(to_json_value(value)) for value in values], pa.string())
    try:
        return pa.array(values, wanted)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(to_json_value(value)) for value in values], pa.string())


def _unique(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


def _cell(sheet: Any, value: Any) -> WriteOnlyCell:
    if isinstance(value, Decimal) and len(value.as_tuple().digits) <= 15:
        return WriteOnlyCell(sheet, float(value))
    if isinstance(value, int | float) and abs(value) < 10**15:
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, None if value is None else str(to_json_value(value)))
    if value is not None:
        cell.data_type = "s"  # never a formula
    return cell
