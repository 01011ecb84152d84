"""The session behind the extras, run through dialects that are here, and what each kind is told to do."""

import sqlite3
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest

from apps.common.hosts import CheckedHost, HostPolicy
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.errors import Cancelled, DriverMissing, SourceUnavailable, SourceUnsafe, SqlFailed, SqlTimeout
from apps.datasources.introspection_described import described_schema
from apps.datasources.schema import ColumnType, ForeignKey
from apps.datasources.sessions.base import Limits
from apps.datasources.sessions.warehouse import Profile, WarehouseSession
from apps.datasources.sessions.warehouse_kinds import PROFILES, service_account_key
from tests.datasources.conftest import TABLES

SLOW = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"
PUBLIC_NAME = HostPolicy.from_list(["127.0.0.0/8"])


def profile(path: Path, **changes: Any) -> Profile:
    """SQLite in the place of a warehouse: it has a dialect, transactions, and a way to interrupt."""
    opened: list[sqlite3.Connection] = []

    def connect(address: SourceAddress) -> sqlite3.Connection:
        opened.append(sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False))
        return opened[-1]

    given: dict[str, Any] = {
        "package": "sqlite3",
        "connect": connect,
        "dialect": "sqlite",
        "cancel": lambda cursor: cursor.connection.interrupt(),
        "settings": ("PRAGMA query_only = ON",),
        "read_back": ("PRAGMA query_only", (1,)),
        "grants": ("SELECT 'may write ' || name FROM sqlite_schema WHERE name = 'orders'",),
    }
    return Profile(**{**given, **changes})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "warehouse.sqlite"
    with sqlite3.connect(file) as connection:
        connection.executescript(TABLES)
    connection.close()
    return file


ADDRESS = SourceAddress("w", SourceKind.TRINO, "db.example", 443, "d", "u", hosts=PUBLIC_NAME)


def test_rows_come_in_batches_up_to_the_limit(path: Path) -> None:
    session = WarehouseSession(ADDRESS, profile(path))
    batches = list(session.stream("SELECT id, name FROM customers ORDER BY id", Limits(rows=1), None))
    assert [batch.rows for batch in batches] == [[(1, "Ada"), (2, "Bo")]]
    assert [column.name for column in batches[0].columns] == ["id", "name"]


def test_nothing_is_written_and_errors_name_nothing(path: Path) -> None:
    session = WarehouseSession(ADDRESS, profile(path))
    for sql in ("DELETE FROM orders", "SELECT hush FROM hidden_place"):
        with pytest.raises(SqlFailed) as caught:
            list(session.stream(sql, Limits(), None))
        assert caught.value.message == "The database could not run the SQL."
    assert [batch.rows for batch in session.stream("SELECT count(*) FROM orders", Limits(), None)] == [[(3,)]]


def test_a_timeout_and_a_cancel_reach_the_engine(path: Path) -> None:
    session = WarehouseSession(ADDRESS, profile(path))
    with pytest.raises(SqlTimeout):
        list(session.stream(SLOW, Limits(timeout_seconds=0.1), None))
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    with pytest.raises(Cancelled):
        list(session.stream(SLOW, Limits(timeout_seconds=20), cancel))


def test_the_inspector_reads_tables_columns_and_keys(path: Path) -> None:
    address = SourceAddress("w", SourceKind.TRINO, "db.example", 443, "d", hosts=PUBLIC_NAME)
    schema = described_schema(WarehouseSession(address, profile(path)).catalogue(), address)
    orders = schema.table("orders")
    assert orders
    assert [column.type for column in orders.columns] == [
        ColumnType.INTEGER, ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.TIMESTAMP,
    ]  # fmt: skip
    assert orders.primary_key == ("id",)
    assert orders.unique_keys == (("customer_id", "created_at"),)
    assert orders.foreign_keys == (ForeignKey(("customer_id",), "customers", ("id",), None),)


def test_a_setting_that_does_not_read_back_refuses_the_source(path: Path) -> None:
    with pytest.raises(SourceUnsafe):
        WarehouseSession(ADDRESS, profile(path, settings=())).test()


def test_grants_are_read_where_they_can_be_and_distrusted_where_not(path: Path) -> None:
    assert WarehouseSession(ADDRESS, profile(path)).writes() == ["may write orders"]
    assert "cannot be read" in WarehouseSession(ADDRESS, profile(path, grants=None)).writes()[0]


@pytest.mark.parametrize("kind", PROFILES)
def test_a_missing_driver_says_what_to_install(kind: SourceKind, monkeypatch: pytest.MonkeyPatch) -> None:
    package = PROFILES[kind].package
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DriverMissing, match=rf"requirements/{kind.value}\.in"):
        WarehouseSession(SourceAddress("x", kind, "db.example", database="d"), PROFILES[kind])
    assert (Path(__file__).resolve().parents[2] / "requirements" / f"{kind.value}.in").is_file()


def connected(kind: SourceKind, address: SourceAddress) -> None:
    PROFILES[kind].connect(address)


def test_sql_server_is_asked_for_a_read_only_verified_connection_to_the_judged_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[str] = []
    driver = types.SimpleNamespace(connect=lambda text, **_: given.append(text) or types.SimpleNamespace())
    monkeypatch.setitem(sys.modules, "pyodbc", driver)
    connected(
        SourceKind.TSQL,
        SourceAddress("x", SourceKind.TSQL, "db.example", None, "d", "u", "p};Encrypt=no;{", hosts=PUBLIC_NAME),
    )
    assert "Server={tcp:127.0.0.1,1433};HostNameInCertificate={db.example}" in given[0]
    assert "ApplicationIntent={ReadOnly};Encrypt={yes};TrustServerCertificate={no}" in given[0]
    assert "PWD={p}};Encrypt=no;{}" in given[0]


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"type": "service_account", "token_uri": "http://169.254.169.254/"}', '{"type": "external"}'],
)
def test_a_key_that_leads_elsewhere_than_to_google_is_refused(text: str) -> None:
    with pytest.raises(SourceUnavailable):
        service_account_key(text)


def test_answers_of_an_http_source_cannot_lead_elsewhere() -> None:
    import ssl

    requests = pytest.importorskip("requests")
    from apps.datasources.sessions.pinned_http import pinned_session

    session = pinned_session(
        CheckedHost("db.example", ("127.0.0.1",), is_public=False), 1, ssl.create_default_context()
    )
    for url in ("https://169.254.169.254:1/", "http://db.example:1/", "https://db.example:2/"):
        with pytest.raises(OSError, match="leads elsewhere"):
            session.get(url)
    with pytest.raises(requests.exceptions.ConnectionError, match=r"127\.0\.0\.1"):
        session.get("https://db.example:1/")
