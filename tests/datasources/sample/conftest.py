"""A throwaway PostgreSQL server with the full sample in it, for this folder's tests."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from apps.datasources.sample import LoadedSample, load_postgres, write_sqlite
from apps.datasources.sample.company import FULL, make_company
from apps.datasources.sample.rows import Tables
from config.embedded import admin_url as embedded_admin_url
from config.embedded import ensure_running, remove

DATABASE = "parley_sample"
READER = "parley_sample_reader"
PASSWORD = "only-for-this-test"


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    """A superuser's URL of a server that is thrown away with all its data."""
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        checkout = Path(folder)
        ensure_running(checkout, services=["postgres"])
        yield embedded_admin_url(checkout=checkout)
        remove(checkout)


@pytest.fixture(scope="session")
def loaded(admin_url: str) -> LoadedSample:
    """The full sample, loaded once."""
    return load_postgres(admin_url, database=DATABASE, reader=READER, reader_password=PASSWORD)


@pytest.fixture
def reader_url(admin_url: str, loaded: LoadedSample) -> str:
    """What the reading role connects with."""
    assert loaded.row_count
    return make_conninfo(admin_url, dbname=DATABASE, user=READER, password=PASSWORD)


@pytest.fixture
def reader(reader_url: str) -> Iterator[psycopg.Connection]:
    """A connection as the reading role."""
    with psycopg.connect(reader_url) as connection:
        yield connection


@pytest.fixture(scope="session")
def company() -> Tables:
    """The full company's rows."""
    return make_company(FULL)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The small sample's SQLite file."""
    path = tmp_path / "sample.sqlite"
    write_sqlite(path)
    return path
