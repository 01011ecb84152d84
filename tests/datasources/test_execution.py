"""What the sessions allow, bring back and stop, against real engines, also with the guard out of the way."""

import multiprocessing
import socket
import threading
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
import structlog

from apps.common.errors import AppError
from apps.common.hosts import HostPolicy
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.errors import Cancelled, SourceUnavailable, SourceUnsafe, SqlFailed, SqlTimeout, TooManyColumns
from apps.datasources.execution import Limits, execute, stream
from apps.datasources.execution import test_connection as connect_to
from apps.datasources.guard import SafeSql, check_sql
from apps.datasources.guard.safe_sql import release
from apps.datasources.schema import ColumnType
from apps.datasources.sessions import mysql, postgres, sessions
from apps.monitoring.metrics import SQL_FAILURES, SQL_SECONDS
from config.embedded import admin_url

SLOW = {
    "postgres": "SELECT count(*) FROM generate_series(1, 100000000000)",
    "mysql": "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000) "
    "SELECT count(*) FROM r a, r b, r c, r d",
    "duckdb": "SELECT count(*) FROM range(1000000000000) a, range(10) b",
    "sqlite": "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
}


@pytest.fixture(params=["postgres", "mysql", "sqlite", "duckdb"])
def source(request: pytest.FixtureRequest) -> SourceAddress:
    return request.getfixturevalue(f"{request.param}_source")


def checked(sql: str, source: SourceAddress, **options: int) -> SafeSql:
    return check_sql(sql, dialect=source.dialect, **options)


def unguarded(sql: str, source: SourceAddress) -> SafeSql:
    """As if the guard had let anything through."""
    return release(sql, dialect=source.dialect, tables=frozenset(), row_limit=10, capped=False)


def running_on_server(fragment: str, source: SourceAddress) -> int:
    """How many backends still work on such SQL in the source's own database: tests of another process use others."""
    with psycopg.connect(admin_url()) as admin:
        row = admin.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE state = 'active' AND query LIKE %s AND datname = %s AND pid <> pg_backend_pid()",
            [f"%{fragment}%", source.database],
        ).fetchone()
    assert row
    return int(row[0])


def test_rows_come_back_exact_and_typed(postgres_source: SourceAddress) -> None:
    sql = """SELECT amount, created_at, interval '1 month' AS month, '{"a": 0.10}'::jsonb AS facts,
             9007199254740993 AS large, 'NaN'::float8 AS nothing, '\\x00ff'::bytea AS raw, 'infinity'::date AS never
             FROM orders WHERE id = 1"""
    result = execute(checked(sql, postgres_source), postgres_source, limits=Limits())
    assert result.rows[0][0] == Decimal("10.10")
    assert [column.type for column in result.columns] == [
        ColumnType.DECIMAL, ColumnType.TIMESTAMP, ColumnType.INTERVAL, ColumnType.JSON,
        ColumnType.INTEGER, ColumnType.FLOAT, ColumnType.BINARY, ColumnType.DATE,
    ]  # fmt: skip
    assert result.to_json_rows() == [
        ["10.10", "2025-01-02T03:04:05", "P1M", '{"a": 0.10}', "9007199254740993", "nan", "AP8=", "infinity"]
    ]


def test_rows_are_capped_and_flagged(source: SourceAddress) -> None:
    result = execute(checked("SELECT id FROM customers ORDER BY id", source), source, limits=Limits(rows=2))
    assert (result.rows, result.truncated) == (((1,), (2,)), True)
    whole = execute(checked("SELECT id FROM customers", source), source, limits=Limits(rows=3))
    assert (whole.row_count, whole.truncated) == (3, False)


def test_a_limit_of_the_guards_own_counts_as_cut_short(source: SourceAddress) -> None:
    safe = checked("SELECT id FROM customers", source, row_limit=2)
    assert execute(safe, source, limits=Limits()).truncated


def test_bytes_are_capped(source: SourceAddress) -> None:
    sql = "SELECT replace('aaaaaaaaaa', 'a', 'bbbbbbbbbb') FROM customers"
    result = execute(checked(sql, source), source, limits=Limits(bytes=150))
    assert (result.row_count, result.truncated) == (1, True)


def test_more_columns_than_may_be_shown_are_refused_whole(source: SourceAddress) -> None:
    three = checked("SELECT id AS a, id AS b, id AS c FROM customers", source)
    with pytest.raises(TooManyColumns, match="brings 3 columns; at most 2"):
        execute(three, source, limits=Limits(columns=2))
    assert len(execute(three, source, limits=Limits(columns=3)).columns) == 3
    wide = checked(f"SELECT {', '.join(f'id AS c{number}' for number in range(501))} FROM customers", source)
    with pytest.raises(TooManyColumns):
        execute(wide, source, limits=Limits())


def test_a_stream_can_be_left_and_the_source_used_again(source: SourceAddress) -> None:
    batches = stream(checked("SELECT a.id FROM customers a, customers b, customers c", source), source, limits=Limits())
    assert next(batches).rows
    batches.close()
    assert execute(checked("SELECT 1", source), source, limits=Limits()).rows == ((1,),)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "INSERT INTO customers VALUES (9, 'x', 'y')",
        "CREATE TABLE t (a integer)",
        "DROP TABLE orders",
        "WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d",
        "SET TRANSACTION READ WRITE",
        "SELECT 1; DELETE FROM orders",
        "COMMIT; DELETE FROM orders",
        "SELECT nextval('s')",
        "ATTACH ':memory:' AS other",
        "PRAGMA query_only = OFF",
        "VACUUM INTO '/tmp/guard-should-not-write'",
        "SELECT load_extension('x')",
    ],
)
def test_the_session_alone_stops_what_the_guard_would(sql: str, source: SourceAddress) -> None:
    with pytest.raises(SqlFailed):
        execute(unguarded(sql, source), source, limits=Limits())
    count = checked("SELECT count(*) FROM orders", source)
    assert execute(count, source, limits=Limits()).rows == ((3,),)
    assert not Path("/tmp/guard-should-not-write").exists()


def test_a_session_keeps_nothing_of_the_last_one(postgres_source: SourceAddress) -> None:
    for sql in ("SELECT set_config('search_path', 'evil', false)", "SELECT pg_advisory_lock(42)"):
        execute(unguarded(sql, postgres_source), postgres_source, limits=Limits())
    held = (
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
        "WHERE locktype = 'advisory' AND datname = current_database()"
    )
    after = f"SELECT current_setting('search_path'), ({held})"
    rows = execute(unguarded(after, postgres_source), postgres_source, limits=Limits()).rows
    assert rows == (('"public", pg_temp', 0),) or rows == (('"public",pg_temp', 0),)


@pytest.mark.parametrize("engine", ["postgres", "mysql"])
def test_a_session_whose_settings_do_not_read_back_is_not_used(
    engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = replace(request.getfixturevalue(f"{engine}_source"), id=f"other settings {engine}")
    if engine == "postgres":
        monkeypatch.setitem(postgres._SETTINGS, "lock_timeout", "9s")
    else:
        monkeypatch.setattr(mysql, "_SETTINGS", mysql._SETTINGS[:1])  # as if READ ONLY had not taken
    try:
        with pytest.raises(SourceUnsafe):
            execute(checked("SELECT 1", source), source, limits=Limits())
    finally:
        sessions.close(source.id)


# What a question could try to leave for the next one, and how the next one would notice; the guard is out of the way.
LEFT_BEHIND = {
    "postgres": [
        (
            "SELECT set_config('parley.mark', 'left', false)",
            "SELECT coalesce(current_setting('parley.mark', true), '')",
        ),
        ("SET search_path = pg_catalog", "SELECT replace(current_setting('search_path'), '\"public\"', '')"),
        ("SELECT pg_advisory_lock(43)", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 43"),
        ("CREATE TEMP TABLE mark AS SELECT 1 AS n", "SELECT coalesce(to_regclass('pg_temp.mark')::text, '')"),
        ("PREPARE mark AS SELECT 1", "SELECT coalesce(string_agg(name, ''), '') FROM pg_prepared_statements"),
        ("DECLARE mark CURSOR WITH HOLD FOR SELECT 1", "SELECT count(*) FROM pg_cursors WHERE name = 'mark'"),
        ("LISTEN mark", "SELECT count(*) FROM pg_listening_channels()"),
        ("SET SESSION default_transaction_read_only = off", "SELECT current_setting('default_transaction_read_only')"),
    ],
    "mysql": [
        ("SELECT @mark := 5", "SELECT coalesce(@mark, '')"),
        ("SET @mark = 5", "SELECT coalesce(@mark, '')"),
        ("PREPARE mark FROM 'SELECT 1'", "EXECUTE mark"),
        ("CREATE TEMPORARY TABLE mark (n int)", "SELECT n FROM mark"),
        ("SELECT GET_LOCK('mark', 0)", "SELECT IS_USED_LOCK('mark') IS NULL"),
        ("SET SESSION sql_mode = 'ANSI_QUOTES'", "SELECT @@sql_mode"),
        ("SET SESSION group_concat_max_len = 4", "SELECT @@group_concat_max_len"),
    ],
    "sqlite": [
        ("CREATE TEMP TABLE mark (n)", "SELECT n FROM mark"),
        ("PRAGMA case_sensitive_like = on", "SELECT 'A' LIKE 'a'"),
    ],
    "duckdb": [
        ("CREATE TEMP TABLE mark (n integer)", "SELECT n FROM mark"),
        ("SET VARIABLE mark = 5", "SELECT coalesce(getvariable('mark'), 0)"),
        ("PREPARE mark AS SELECT 1", "EXECUTE mark"),
        ("SET search_path = 'information_schema'", "SELECT current_setting('search_path')"),
    ],
}


def told(sql: str, source: SourceAddress) -> object:
    """The rows, or the code of what went wrong: also where the SQL ran and had no rows to give."""
    try:
        return execute(unguarded(sql, source), source, limits=Limits()).rows
    except AppError as error:
        return error.error_code


def test_no_question_finds_what_another_left_in_the_session(source: SourceAddress) -> None:
    for leave, look in LEFT_BEHIND[source.dialect]:
        before = told(look, source)
        told(leave, source)
        assert [told(look, source) for _ in range(3)] == [before] * 3, leave


def test_a_timeout_ends_the_work_itself(source: SourceAddress) -> None:
    started = time.monotonic()
    with pytest.raises(SqlTimeout):
        execute(checked(SLOW[source.dialect], source), source, limits=Limits(timeout_seconds=0.3))
    assert time.monotonic() - started < 8
    assert running_on_server("generate_series(1, 100000000000)", source) == 0


def test_cancelling_reaches_the_database(source: SourceAddress) -> None:
    cancel = threading.Event()
    timer = threading.Timer(0.3, cancel.set)
    timer.start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        execute(checked(SLOW[source.dialect], source), source, limits=Limits(timeout_seconds=20), cancel=cancel)
    assert time.monotonic() - started < 8
    assert running_on_server("generate_series(1, 100000000000)", source) == 0


def test_several_threads_share_a_source(source: SourceAddress) -> None:
    found: list[object] = []

    def work() -> None:
        found.extend(execute(checked("SELECT count(*) FROM orders", source), source, limits=Limits()).rows)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(3,)] * 8


def count_orders(source: SourceAddress) -> int:
    rows = execute(checked("SELECT count(*) FROM orders", source), source, limits=Limits()).rows
    return int(rows[0][0])


def test_a_forked_process_has_sessions_of_its_own(source: SourceAddress) -> None:
    assert count_orders(source) == 3
    context = multiprocessing.get_context("fork")
    answer = context.Queue()
    child = context.Process(target=lambda: answer.put(count_orders(source)))
    child.start()
    assert answer.get(timeout=20) == 3
    child.join(timeout=20)
    assert count_orders(source) == 3


def test_text_that_is_no_utf_8_is_shown_as_well_as_it_can_be(sqlite_source: SourceAddress) -> None:
    sql = checked("SELECT CAST(x'61ff' AS TEXT)", sqlite_source)
    assert execute(sql, sqlite_source, limits=Limits()).rows == (("a\ufffd",),)


@pytest.mark.parametrize(
    ("sql", "hidden"),
    [("SELECT 's3cr3t'::int", "s3cr3t"), ("SELECT 1 / 0", "1 / 0"), ("SELECT name::int FROM customers", "Ada")],
)
def test_errors_name_no_value(sql: str, hidden: str, postgres_source: SourceAddress) -> None:
    with pytest.raises(SqlFailed) as caught:
        execute(checked(sql, postgres_source), postgres_source, limits=Limits())
    assert hidden not in caught.value.message
    assert hidden not in str(caught.value.details)


def test_errors_about_the_text_help_to_mend_it(source: SourceAddress) -> None:
    with pytest.raises(SqlFailed, match="nope"):
        execute(checked("SELECT nope FROM customers", source), source, limits=Limits())


@pytest.mark.parametrize(
    "address",
    [
        SourceAddress("closed", SourceKind.POSTGRES, "127.0.0.1", 1, "secret_db", "secret_user", "secret_word"),
        SourceAddress("absent", SourceKind.SQLITE, path="/nowhere/secret.sqlite"),
        SourceAddress("no file", SourceKind.SQLITE, path="/etc/passwd"),
        SourceAddress("memory", SourceKind.SQLITE, path=":memory:"),
        SourceAddress("process", SourceKind.SQLITE, path="/proc/self/environ"),
    ],
)
def test_a_source_that_cannot_be_reached_says_nothing_else(address: SourceAddress) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        connect_to(address)
    assert "secret" not in caught.value.message
    assert "secret_word" not in repr(address)


@pytest.mark.parametrize("kind", [SourceKind.POSTGRES, SourceKind.MYSQL])
def test_a_server_that_accepts_and_says_nothing_is_given_up(kind: SourceKind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "CONNECT_TIMEOUT_SECONDS", 2)
    monkeypatch.setattr(mysql, "_SILENCE_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hosts = HostPolicy.from_list(["127.0.0.1"])
        address = SourceAddress(f"silent {kind}", kind, "127.0.0.1", port, "db", "user", "word", hosts=hosts)
        started = time.monotonic()
        with pytest.raises(SourceUnavailable):
            connect_to(address)
        assert time.monotonic() - started < 10
    sessions.close(address.id)


def test_nothing_but_released_sql_runs(source: SourceAddress) -> None:
    with pytest.raises(TypeError):
        execute("SELECT 1", source, limits=Limits())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="another kind"):
        execute(check_sql("SELECT 1", dialect="trino"), source, limits=Limits())


def test_time_and_failures_of_sources_are_counted(source: SourceAddress) -> None:
    seconds, failures = SQL_SECONDS.labels(source.kind), SQL_FAILURES.labels(source.kind, SqlTimeout.code)
    before = seconds._sum.get(), failures._value.get()
    with pytest.raises(SqlTimeout):
        execute(unguarded(SLOW[source.dialect], source), source, limits=Limits(timeout_seconds=0.3))
    assert seconds._sum.get() - before[0] >= 0.3
    assert failures._value.get() - before[1] == 1


def test_the_customers_server_sees_which_of_our_requests_is_at_work(postgres_source: SourceAddress) -> None:
    asked = unguarded("SELECT current_setting('application_name')", postgres_source)
    seen = []
    structlog.contextvars.clear_contextvars()  # an earlier test's call may have left its own
    for bound in ({"correlation_id": "correlation-0001"}, {"correlation_id": "correlation-0002"}, {}):
        with structlog.contextvars.bound_contextvars(**bound):
            seen.append(execute(asked, postgres_source, limits=Limits()).rows)
    assert seen == [(("parley correlation-0001",),), (("parley correlation-0002",),), (("parley",),)]
