"""The full sample in a PostgreSQL database of its own: made once, recognised afterwards, made anew when half done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from apps.common.errors import InvalidInput
from apps.datasources.sample import marker
from apps.datasources.sample.company import FULL, make_company
from apps.datasources.sample.fingerprints import Fingerprints, recorded_fingerprints, version_of
from apps.datasources.sample.layout import LAYOUT
from apps.datasources.sample.layout.ddl import postgres_keys, postgres_tables
from apps.datasources.sample.loaded import LoadedSample, NotTheSample, SampleDiffers
from apps.datasources.sample.reader import allow_reading_only, ensure_reader, may_connect
from apps.datasources.sample.rows import digest_text, rows_text

_LOCK = 0x7A12401
_BUILTIN_LOCALE_SINCE = 170_000


def load_postgres(admin_url: str, *, database: str, reader: str, reader_password: str) -> LoadedSample:
    """Make sure that `database` holds this version of the sample and that `reader` may read it, and only that.

    `admin_url` names another database of the same server and a role that may create databases and roles. The reader's
    password is set in any case, and another reader than before is let in too. Two calls at once wait for each other.
    Raises NotTheSample if a database or a role of that name exists that is not ours.
    """
    if not reader_password:
        raise InvalidInput("The reader of the sample needs a password.", details={"reader_password": ["required"]})
    started = time.monotonic()
    expected = recorded_fingerprints("full")
    version = version_of(expected, chain(postgres_tables(), postgres_keys()))
    with psycopg.connect(admin_url, autocommit=True) as admin, _alone(admin):
        comment = _comment_of(admin, database)
        already_there = comment == marker.complete(version)
        if comment is not None and not marker.is_ours(comment) and not _is_empty(admin_url, database):
            raise NotTheSample(f"The database {database} exists and is not the sample; name another one.")
        ensure_reader(admin, reader, reader_password)
        if not already_there:
            _make_database(admin, database)
            _load(make_conninfo(admin_url, dbname=database), database, reader, expected)
            _mark(admin, database, marker.complete(version))
        elif not may_connect(admin, database, reader):
            with psycopg.connect(make_conninfo(admin_url, dbname=database)) as granting:
                allow_reading_only(granting, database, reader)
    counts = {table: one.rows for table, one in expected.items()}
    return LoadedSample(version, counts, time.monotonic() - started, already_there)


@contextmanager
def _alone(admin: psycopg.Connection) -> Iterator[None]:
    """One load at a time on a server; the lock goes with the connection."""
    admin.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    yield


def _comment_of(admin: psycopg.Connection, database: str) -> str | None:
    """The database's comment, empty if it has none; None if there is no such database."""
    row = admin.execute(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s", [database]
    ).fetchone()
    return None if row is None else str(row[0])


def _is_empty(admin_url: str, database: str) -> bool:
    """True where nobody made anything yet: also what a load leaves that is killed before it can mark its database."""
    with psycopg.connect(make_conninfo(admin_url, dbname=database)) as connection:
        found = connection.execute(
            "SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            "WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') LIMIT 1"
        )
        return found.fetchone() is None


def _make_database(admin: psycopg.Connection, database: str) -> None:
    """A new, empty database in place of an older or half loaded sample, sorted the same way on every machine."""
    name = sql.Identifier(database)
    locale = "LC_COLLATE 'C'"
    if admin.info.server_version >= _BUILTIN_LOCALE_SINCE:
        locale = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' " + locale
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' ").format(name) + sql.SQL(locale))
    _mark(admin, database, marker.LOADING)


def _mark(admin: psycopg.Connection, database: str, comment: str) -> None:
    admin.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(comment)))


def _load(url: str, database: str, reader: str, expected: Fingerprints) -> None:
    """Everything but the mark that it is complete."""
    with psycopg.connect(url) as loading:
        _fill(loading, expected)
        allow_reading_only(loading, database, reader)
    with psycopg.connect(url, autocommit=True) as loaded:
        loaded.execute("ANALYZE")


def _fill(loading: psycopg.Connection, expected: Fingerprints) -> None:
    """Tables, rows by COPY, then keys; raise SampleDiffers before anything is kept that is not what was recorded."""
    for statement in postgres_tables():
        loading.execute(sql.SQL(statement))
    company = make_company(FULL)
    for table in LAYOUT:
        text = rows_text(company[table.name])
        if digest_text(text) != expected[table.name].digest:
            raise SampleDiffers(f"The rows of {table.name} are not those recorded in fingerprints.json.")
        with loading.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table.name))) as copy:
            copy.write(text)
    for statement in postgres_keys():
        loading.execute(sql.SQL(statement))
