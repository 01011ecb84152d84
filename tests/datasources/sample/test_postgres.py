from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from apps.common.errors import InvalidInput
from apps.datasources.sample import LoadedSample, NotTheSample, load_postgres, postgres
from apps.datasources.sample.layout import LAYOUT
from tests.datasources.sample.conftest import DATABASE, PASSWORD, READER

OTHER = "parley_other"


@pytest.fixture
def other(admin_url: str) -> Iterator[psycopg.Connection]:
    """An administrator's connection; the database named OTHER is gone afterwards."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        yield admin
        admin.execute(f"DROP DATABASE IF EXISTS {OTHER} WITH (FORCE)")


def load(admin_url: str, database: str = OTHER, reader: str = READER, password: str = PASSWORD) -> LoadedSample:
    return load_postgres(admin_url, database=database, reader=reader, reader_password=password)


def test_it_holds_the_recorded_rows(loaded: LoadedSample, reader: psycopg.Connection) -> None:
    for table, count in loaded.counts.items():
        found = reader.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        assert found == (count,), table


def test_a_second_call_finds_it_at_once(admin_url: str, loaded: LoadedSample) -> None:
    again = load(admin_url, DATABASE)
    assert again.already_there
    assert again.version == loaded.version
    assert again.counts == loaded.counts
    assert again.seconds < 1


def test_keys_and_comments_are_those_of_the_layout(reader: psycopg.Connection) -> None:
    kinds = reader.execute(
        "SELECT conrelid::regclass::text, contype::text, count(*) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f') GROUP BY 1, 2"
    ).fetchall()
    comments: dict[str, str] = dict(
        reader.execute(
            "SELECT attrelid::regclass || '.' || attname, col_description(attrelid, attnum) FROM pg_attribute "
            "JOIN pg_class ON pg_class.oid = attrelid "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0"
        ).fetchall()
    )
    expected = {(table.name, "p", 1) for table in LAYOUT}
    expected |= {(table.name, "u", len(table.unique_keys)) for table in LAYOUT if table.unique_keys}
    expected |= {(table.name, "f", len(table.foreign_keys)) for table in LAYOUT if table.foreign_keys}
    assert set(kinds) == expected
    assert comments == {f"{table.name}.{column.name}": column.comment for table in LAYOUT for column in table.columns}


def test_statistics_are_there_for_the_planner(reader: psycopg.Connection) -> None:
    assert reader.execute("SELECT reltuples FROM pg_class WHERE relname = 'orders'").fetchone() == (44_000,)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO categories VALUES (99, 'a', 'b')",
        "UPDATE products SET list_price = 0",
        "DELETE FROM returns",
        "TRUNCATE returns",
        "DROP TABLE returns",
        "CREATE TABLE mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_create(0)",
        "COPY categories TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/hostname')",
        "SELECT rolpassword FROM pg_authid",
    ],
)
def test_the_reader_cannot_do_more_than_read(reader_url: str, statement: str) -> None:
    with psycopg.connect(reader_url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_the_readers_transactions_only_read_by_default(reader: psycopg.Connection) -> None:
    assert reader.execute("SHOW transaction_read_only").fetchone() == ("on",)


def test_nobody_else_may_connect(admin_url: str, loaded: LoadedSample) -> None:
    assert loaded.version
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE parley_stranger LOGIN")
        try:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(make_conninfo(admin_url, dbname=DATABASE, user="parley_stranger"))
        finally:
            admin.execute("DROP ROLE parley_stranger")


def test_the_password_is_set_by_every_call(admin_url: str, loaded: LoadedSample) -> None:
    def stored() -> str:
        with psycopg.connect(admin_url) as admin:
            row = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [READER]).fetchone()
            assert row
            return str(row[0])

    before = stored()
    assert load(admin_url, DATABASE, password="another").version == loaded.version
    after = stored()
    assert before != after
    assert after.startswith("SCRAM-SHA-256$")


def test_a_new_reader_of_a_sample_that_is_there_is_let_in(admin_url: str, loaded: LoadedSample) -> None:
    second = "parley_second_reader"
    assert load(admin_url, DATABASE, reader=second).already_there
    with psycopg.connect(make_conninfo(admin_url, dbname=DATABASE, user=second, password=PASSWORD)) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (loaded.counts["orders"],)


def test_a_load_that_broke_off_is_done_anew(
    admin_url: str, other: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(postgres, "allow_reading_only", killed)
        with pytest.raises(KeyboardInterrupt):
            load(admin_url)
    again = load(admin_url)
    assert not again.already_there
    with psycopg.connect(make_conninfo(admin_url, dbname=OTHER)) as connection:
        assert connection.execute("SELECT count(*) FROM returns").fetchone() == (again.counts["returns"],)


def test_two_calls_at_once_load_it_once_even_into_an_empty_database(admin_url: str, other: psycopg.Connection) -> None:
    other.execute(f"CREATE DATABASE {OTHER}")
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(load, admin_url) for _ in range(2)]
    assert sorted(call.result().already_there for call in calls) == [False, True]


def test_somebody_elses_database_is_left_alone(admin_url: str, other: psycopg.Connection) -> None:
    other.execute(f"CREATE DATABASE {OTHER}")
    url = make_conninfo(admin_url, dbname=OTHER)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE notes (text text)")
    with pytest.raises(NotTheSample):
        load(admin_url)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone() == (0,)


def test_a_role_that_may_do_more_is_left_alone(admin_url: str, other: psycopg.Connection) -> None:
    with pytest.raises(NotTheSample):
        load(admin_url, reader="postgres")
    assert other.execute("SELECT FROM pg_database WHERE datname = %s", [OTHER]).fetchone() is None


def test_a_password_is_required(admin_url: str) -> None:
    with pytest.raises(InvalidInput):
        load(admin_url, password="")
