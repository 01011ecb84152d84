"""Writes on uploads: a file comes in, a data source comes out, or nothing stays behind."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import duckdb
from django.core.files.uploadedfile import UploadedFile

from apps.accounts.audit import record_audit
from apps.accounts.principal import Principal
from apps.common.connections import release_connection
from apps.common.errors import AppError, InvalidInput, Unavailable
from apps.common.ids import uuid7
from apps.datasources.locations import folders_of
from apps.datasources.models import DataSource, Kind
from apps.datasources.services import create_data_source, sync_data_source
from apps.datasources.uploads.looking import UploadKind, look_at

PREFIX = "upload-"
_CHILD = Path(__file__).resolve().parent.parent / "child" / "upload.py"
_PACKAGES = Path(duckdb.__file__).resolve().parent.parent
_MOST_SECONDS = 90
_COPIED_BYTES = 1 << 20


def accept_upload(*, principal: Principal, file: "UploadedFile[Any]", name: str, label: str) -> DataSource:
    """A DuckDB data source with the file's tables. The file itself is not kept.

    Raises: InvalidInput naming the field, Unavailable where the installation has no folder for it.
    """
    release_connection()
    try:
        kind = look_at(file.name or "", cast(BinaryIO, file))
        path = _converted(kind, file, _table_name(file), _folder(principal.organization.slug))
    except InvalidInput as error:
        record_audit("upload.refused", principal=principal, outcome="refused", why=error.message, bytes=file.size)
        raise
    try:
        source = create_data_source(
            organization=principal.organization, principal=principal,
            name=name, label=label, kind=Kind.DUCKDB, database=str(path),
        )  # fmt: skip
    except AppError:
        path.unlink()
        raise
    record_audit("upload.accepted", principal=principal, target=source, kind=kind, bytes=file.size)
    return sync_data_source(source)


def _table_name(file: "UploadedFile[Any]") -> str:
    return Path(file.name or "").stem[:60] or "table"


def forget_upload(source: DataSource) -> None:
    """Remove the file behind a data source that an upload made; any other file is its owner's."""
    path = Path(source.database)
    is_ours = path.name.startswith(PREFIX) and path.parent in folders_of(source.organization.slug)
    if source.kind == Kind.DUCKDB and is_ours:
        path.unlink(missing_ok=True)


def _folder(slug: str) -> Path:
    folders = folders_of(slug)
    if not folders:
        raise Unavailable("This installation keeps no uploaded files; SOURCE_FOLDERS names no folder.")
    folders[0].mkdir(parents=True, exist_ok=True)
    return folders[0]


def _converted(kind: UploadKind, file: "UploadedFile[Any]", table: str, folder: Path) -> Path:
    """The finished DuckDB file in `folder`, which sees no unfinished one."""
    with _workshop(folder) as work:
        source, target = work / f"file.{kind}", work / "made.duckdb"
        with source.open("wb") as copy:
            for piece in file.chunks(_COPIED_BYTES):
                copy.write(piece)
        outcome = _convert(kind, source, target, table)
        if "error" in outcome:
            raise InvalidInput(outcome["error"], code="upload_refused", details={"file": [outcome["error"]]})
        finished = folder / f"{PREFIX}{uuid7()}.duckdb"
        target.replace(finished)
    return finished


@contextlib.contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=".upload-", dir=folder) as name:
        yield Path(name)


def _convert(kind: UploadKind, source: Path, target: Path, table: str) -> dict[str, Any]:
    command = [sys.executable, "-I", "-S", str(_CHILD), kind, str(source), str(target), table, str(_PACKAGES)]
    try:
        done = subprocess.run(command, capture_output=True, env={}, cwd="/", timeout=_MOST_SECONDS, check=False)
        outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, ValueError, IndexError):
        return {"error": "The file is too large or too tangled to be read."}
    return outcome
