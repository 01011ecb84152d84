"""What an uploaded file is, by its content and not only by its name. No Django here."""

import zipfile
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from apps.common.errors import InvalidInput

MOST_UNPACKED_BYTES = 256 * 1024 * 1024
MOST_UNPACKING = 200  # times as large as the packed part: spreadsheets stay far below
MOST_PARTS = 2_000
_PARQUET_MARK = b"PAR1"
_ZIP_MARK = b"PK\x03\x04"
_LOOK_BYTES = 64 * 1024


class UploadKind(StrEnum):
    """The kinds of file that become a data source, by the ending of their name."""

    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"
    XLSX = "xlsx"


def look_at(name: str, file: BinaryIO) -> UploadKind:
    """The file's kind.

    Raises: InvalidInput naming the field `file`, if name and content do not agree or the file would unpack to too much.
    """
    ending = Path(name).suffix.lower().lstrip(".")
    if ending not in {kind.value for kind in UploadKind}:
        raise _refused("Files of this kind are not read; CSV, TSV, Parquet and XLSX are.")
    kind = UploadKind(ending)
    _LOOKS[kind](file)
    file.seek(0)
    return kind


def _look_at_text(file: BinaryIO) -> None:
    head = file.read(_LOOK_BYTES)
    if not head.strip():
        raise _refused("The file is empty.")
    if b"\x00" in head or head.startswith((_ZIP_MARK, _PARQUET_MARK)):
        raise _refused("The file's content is not text.")
    file.seek(0)
    try:
        while piece := file.readline(1 << 20):
            piece.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused("The text is not encoded in UTF-8.") from error


def _look_at_parquet(file: BinaryIO) -> None:
    head = file.read(len(_PARQUET_MARK))
    size = file.seek(0, 2)
    file.seek(max(0, size - len(_PARQUET_MARK)))
    if size < 12 or head != _PARQUET_MARK or file.read() != _PARQUET_MARK:
        raise _refused("The file's content is not Parquet.")


def _look_at_xlsx(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _refused("The file's content is not an Excel workbook.") from error
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise _refused("The file's content is not an Excel workbook.")
    unpacked = sum(part.file_size for part in parts)
    is_bomb = any(part.file_size > MOST_UNPACKING * max(1, part.compress_size) for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES or is_bomb:
        raise _refused("The workbook would unpack to more than may be.")


_LOOKS = {
    UploadKind.CSV: _look_at_text,
    UploadKind.TSV: _look_at_text,
    UploadKind.PARQUET: _look_at_parquet,
    UploadKind.XLSX: _look_at_xlsx,
}


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, code="upload_refused", details={"file": [message]})
