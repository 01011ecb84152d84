"""What a client sees when a database fails: a stable code and a plain sentence, never places, people, values or SQL."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pymysql
import pytest

from apps.common.errors import AppError
from apps.datasources.errors import SourceUnavailable
from apps.datasources.execution import Limits, execute
from apps.datasources.guard.safe_sql import release
from apps.datasources.sessions import embedded_errors, mysql_errors, postgres_errors
from tests.datasources.conftest import SourceAddress

SHARED = Path(__file__).resolve().parents[3] / "shared" / "security_cases" / "error_sanitise.jsonl"
OWN = [
    {"id": "own: host", "raw": "could not translate host name \"db.acme.internal\"", "must_not_contain": ["db.acme"]},
    {"id": "own: user", "raw": "Access denied for user 'acme_ro'@'10.0.0.7' (using password: YES)",
     "must_not_contain": ["acme_ro", "10.0.0.7"]},
    {"id": "own: value", "raw": "Conversion Error: Could not convert string 's3cr3t' to INT32",
     "must_not_contain": ["s3cr3t"]},
    {"id": "own: other names", "raw": "Binder Error: Referenced column \"x\" not found in FROM clause!\nCandidate "
     "bindings: \"salary_of_boss\"", "must_not_contain": ["salary_of_boss", "bindings"]},
    {"id": "own: duplicate", "raw": "Duplicate entry 's3cr3t' for key 'PRIMARY'", "must_not_contain": ["s3cr3t"]},
]  # fmt: skip
CASES = [*OWN, *([json.loads(line) for line in SHARED.read_text().splitlines()] if SHARED.exists() else [])]


class PostgresError(psycopg.Error):
    """An error with a state, as a server's come; its text is in all parts of it."""

    def __init__(self, raw: str, state: str | None) -> None:
        super().__init__(raw)
        self._state, self._raw = state, raw

    @property
    def diag(self) -> Any:
        return SimpleNamespace(sqlstate=self._state, message_primary=self._raw, message_detail=self._raw)


def failures(raw: str) -> list[AppError]:
    """The same words out of each driver, with every code whose message is not about the SQL alone."""
    postgres = [
        postgres_errors.failure_of(PostgresError(raw, code)) for code in (None, "22P02", "08006", "28P01", "XX000")
    ]
    mysql = [
        mysql_errors.failure_of(pymysql.err.OperationalError(code, raw))
        for code in (1045, 1062, 1143, 1146, 1290, 1305, 1366, 2003, 9999)
    ]
    embedded = [
        embedded_errors.failure_of(engine, {"message": raw, "condition": "X"}) for engine in ("sqlite", "duckdb")
    ]
    return [*postgres, *mysql, *embedded]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_no_words_of_a_driver_reach_a_client(case: dict[str, Any]) -> None:
    for failure in failures(case["raw"]):
        shown = f"{failure.error_code} {failure.message} {failure.details}"
        assert not [word for word in case["must_not_contain"] if word in shown], shown


ERROR_BASED = {
    "postgres": "SELECT CAST(name AS integer) FROM customers",
    "mysql": "SELECT extractvalue(1, concat('~', (SELECT name FROM customers LIMIT 1)))",
    "sqlite": "SELECT abs(-9223372036854775808), name FROM customers",
    "duckdb": "SELECT CAST(name AS integer) FROM customers",
}


@pytest.mark.parametrize("dialect", ERROR_BASED)
def test_an_error_that_was_made_to_tell_a_value_does_not(dialect: str, request: pytest.FixtureRequest) -> None:
    source: SourceAddress = request.getfixturevalue(f"{dialect}_source")
    safe = release(ERROR_BASED[dialect], dialect=dialect, tables=frozenset(), row_limit=10, capped=False)
    with pytest.raises(AppError) as caught:
        execute(safe, source, limits=Limits())
    assert "Ada" not in f"{caught.value.message} {caught.value.details}"


def test_sign_in_and_network_fail_alike() -> None:
    assert {
        type(mysql_errors.failure_of(pymysql.err.OperationalError(code, ""))) for code in (1045, 2003, 1049, 1040)
    } == {SourceUnavailable}
