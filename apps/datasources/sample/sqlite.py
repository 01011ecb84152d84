"""The small sample in a SQLite file: written beside its place and moved there when complete, so never half there."""

import datetime as dt
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from apps.datasources.sample.company import SMALL, make_company
from apps.datasources.sample.fingerprints import fingerprint, recorded_fingerprints, version_of
from apps.datasources.sample.layout import LAYOUT
from apps.datasources.sample.layout.ddl import indexes, sqlite_tables
from apps.datasources.sample.loaded import LoadedSample, NotTheSample, SampleDiffers
from apps.datasources.sample.rows import Row, Value

_APPLICATION_ID = 0x7A12401


def write_sqlite(path: Path) -> LoadedSample:
    """Make sure that the file at `path` is this version of the small sample; its folder must exist.

    SQLite has neither decimals nor dates: amounts become its own numbers, dates ISO text. Raises NotTheSample if
    another file stands there.
    """
    started = time.monotonic()
    expected = recorded_fingerprints("small")
    version = version_of(expected, chain(sqlite_tables(), indexes()))
    already_there = path.exists() and _is_version(path, version)
    if not already_there:
        company = make_company(SMALL)
        for table in LAYOUT:
            if fingerprint(company[table.name]) != expected[table.name]:
                raise SampleDiffers(f"The rows of {table.name} are not those recorded in fingerprints.json.")
        with TemporaryDirectory(dir=path.parent, prefix=".sample-") as folder:
            _write(Path(folder) / path.name, company.items(), version).replace(path)
    counts = {table: one.rows for table, one in expected.items()}
    return LoadedSample(version, counts, time.monotonic() - started, already_there)


def _user_version(version: str) -> int:
    """The version as SQLite's header can hold it: 31 bits."""
    return int(version, 16) & 0x7FFF_FFFF


def _is_version(path: Path, version: str) -> bool:
    """True for this version, False for another one of ours (or an empty file); raises NotTheSample otherwise."""
    if path.stat().st_size == 0:
        return False
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            application = database.execute("PRAGMA application_id").fetchone()[0]
            found = database.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise NotTheSample(f"The file {path.name} exists and is not the sample; name another one.") from error
    if application != _APPLICATION_ID:
        raise NotTheSample(f"The file {path.name} exists and is not the sample; name another one.")
    return bool(found == _user_version(version))


def _write(path: Path, company: Iterable[tuple[str, list[Row]]], version: str) -> Path:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA foreign_keys = ON")
        for statement in sqlite_tables():
            database.execute(statement)
        for table, rows in company:
            marks = ", ".join("?" * len(rows[0]))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", [tuple(map(_stored, row)) for row in rows])  # noqa: S608  (names of our own layout)
        for statement in chain(indexes(), ("ANALYZE",)):
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {_user_version(version)}")
    return path


def _stored(value: Value) -> str | int | None:
    """A value as SQLite takes it; its numeric affinity turns the text of a decimal into a number."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date):
        return str(value)
    return value
