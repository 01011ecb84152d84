"""Results as files: nothing lost, nothing run by a spreadsheet, no value that breaks the file."""

import io
import json
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apps.datasources.export import FORMATS
from apps.datasources.results import ResultColumn
from apps.datasources.schema import ColumnType

Values = list[Any]


def written(extension: str, *batches: Values, kind: ColumnType = ColumnType.OTHER) -> bytes:
    """A file with one column, `v`, whose values come in these batches."""
    rows = [[(value,) for value in batch] for batch in batches]
    return b"".join(FORMATS[extension].write([ResultColumn("v", kind)], rows))


@pytest.mark.parametrize("extension", ["arrow", "parquet"])
@pytest.mark.parametrize(
    ("first", "second"),
    [([None], [1]), ([1], ["many"]), ([1], [2.5]), ([None], [None]), ([], [])],
    ids=["nothing, then numbers", "numbers, then text", "integers, then floats", "nothing at all", "no rows"],
)
def test_a_later_batch_may_be_unlike_the_first(extension: str, first: Values, second: Values) -> None:
    file = io.BytesIO(written(extension, first, second))
    table = pq.read_table(file) if extension == "parquet" else pa.ipc.open_stream(file).read_all()
    assert [value and str(value) for value in table.column("v").to_pylist()] in (
        [value and str(value) for value in (*first, *second)],
        [value and str(float(value)) for value in (*first, *second) if not isinstance(value, str)],
    )


def test_columns_of_one_name_all_reach_an_ndjson_object() -> None:
    columns = [ResultColumn("n", ColumnType.INTEGER), ResultColumn("n", ColumnType.INTEGER)]
    line = b"".join(FORMATS["ndjson"].write(columns, [[(1, 2)]]))
    assert json.loads(line) == {"n": 1, "n_2": 2}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\x0bb", "a\N{REPLACEMENT CHARACTER}b"),
        (Decimal("NaN"), "NaN"),
        (Decimal("Infinity"), "Infinity"),
        (Decimal("1E+400"), "1E+400"),
        ("=1+1", "=1+1"),
        ([1, "x"], '[1, "x"]'),
        (Decimal("1.5"), 1.5),
    ],
)
def test_a_workbook_holds_any_value_and_can_be_opened(value: Any, shown: Any) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(written("xlsx", [value]))).active
    assert sheet is not None
    assert sheet["A2"].value == shown
    assert sheet["A2"].data_type == ("n" if isinstance(shown, float) else "s")


@pytest.mark.parametrize("value", ["=cmd()", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_runs_nothing_out_of_a_csv(value: str) -> None:
    assert written("csv", [value]).decode().splitlines(keepends=True)[1].lstrip('"').startswith("'")


@pytest.mark.parametrize(
    "value", ["\n=1", "\N{FULLWIDTH EQUALS SIGN}1+1", "\N{FULLWIDTH PLUS SIGN}1", "\N{FULLWIDTH COMMERCIAL AT}A1"]
)
def test_other_starts_of_formulas_are_neutral_in_a_csv_too(value: str) -> None:
    assert written("csv", [value]).decode().split("\r\n", 1)[1].lstrip('"').startswith("'")


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "\t=1"])
def test_names_of_columns_run_nothing_either(name: str) -> None:
    columns = [ResultColumn(name, ColumnType.TEXT)]
    assert b"".join(FORMATS["csv"].write(columns, [])).lstrip(b'"').startswith(b"'")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(FORMATS["xlsx"].write(columns, [])))).active
    assert sheet is not None
    assert sheet["A1"].data_type == "s"


def test_lists_stand_in_a_csv_as_json() -> None:
    assert written("csv", [["a", None]]).decode() == 'v\r\n"[""a"", null]"\r\n'


def cut_file(extension: str, *, cut: bool) -> bytes:
    return b"".join(FORMATS[extension].write([ResultColumn("v", ColumnType.INTEGER)], [[(1,)]], lambda: cut))


@pytest.mark.parametrize("cut", [True, False])
def test_a_file_says_when_rows_are_missing(cut: bool) -> None:
    arrow = pa.ipc.open_stream(io.BytesIO(cut_file("arrow", cut=cut))).read_all().schema.metadata
    parquet = pq.read_table(io.BytesIO(cut_file("parquet", cut=cut))).schema.metadata
    said = [
        b"more rows" in cut_file("csv", cut=cut),
        b"more rows" in cut_file("ndjson", cut=cut),
        json.loads(cut_file("json", cut=cut))["truncated"],
        json.loads(arrow[b"parley.truncated"]),
        json.loads(parquet[b"parley.truncated"]),
        "Truncated" in openpyxl.load_workbook(io.BytesIO(cut_file("xlsx", cut=cut))).sheetnames,
    ]
    assert said == [cut] * 6
