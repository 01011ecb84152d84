"""Remembered verdicts: never one of another policy, schema, dialect or limit, and never too many."""

from dataclasses import replace

import pytest

from apps.datasources.access import Access, Restriction
from apps.datasources.guard import Refusal, SafeSql, UnsafeSql, check_sql
from apps.datasources.guard.verdicts import VerdictCache, fingerprint
from apps.datasources.schema import Column, ColumnType, Schema, Table
from tests.datasources.conftest import fixture_access

SQL = "SELECT salary FROM employees"


def without(access: Access, table: str) -> Access:
    tables = tuple(one for one in access.schema if one.name != table)
    return Access(Schema(access.schema.dialect, tables, access.schema.default_namespace))


def test_a_verdict_is_remembered() -> None:
    access = fixture_access("postgres")
    assert check_sql(SQL, dialect="postgres", access=access) is check_sql(
        SQL, dialect="postgres", access=fixture_access("postgres")
    )


def test_a_table_that_was_taken_away_is_refused_at_once() -> None:
    access = fixture_access("postgres")
    check_sql(SQL, dialect="postgres", access=access)
    for _ in range(2):
        with pytest.raises(UnsafeSql) as refused:
            check_sql(SQL, dialect="postgres", access=without(access, "employees"))
        assert refused.value.refusal is Refusal.UNKNOWN_TABLE
    assert isinstance(check_sql(SQL, dialect="postgres", access=access), SafeSql)


def test_another_policy_over_the_same_schema_gives_another_text() -> None:
    access = fixture_access("postgres")
    columns = tuple(column.name for table in access.schema if table.name == "employees" for column in table.columns)
    restricted = replace(
        access,
        restrictions=(Restriction("employees", "public", columns, shows_no_rows=True),),
        policy="one",
        memo={},
    )
    assert (
        check_sql(SQL, dialect="postgres", access=restricted).text
        != check_sql(SQL, dialect="postgres", access=access).text
    )


@pytest.mark.parametrize("change", ["column", "type", "namespace", "functions", "policy", "types"])
def test_everything_that_a_verdict_depends_on_is_in_the_fingerprint(change: str) -> None:
    table = Table("t", (Column("a", ColumnType.TEXT, "text"),), "public")
    access = Access(Schema("postgres", (table,), "public"))
    others = {
        "column": Access(
            Schema("postgres", (replace(table, columns=(Column("b", ColumnType.TEXT, "text"),)),), "public")
        ),
        "type": Access(
            Schema("postgres", (replace(table, columns=(Column("a", ColumnType.TEXT, "mood"),)),), "public")
        ),
        "namespace": Access(Schema("postgres", (table,), "sales")),
        "functions": replace(access, functions=frozenset({"sales.net"})),
        "policy": replace(access, policy="other"),
        "types": Access(Schema("postgres", (table,), "public", frozenset({"public.mood"}))),
    }
    assert fingerprint(others[change]) != fingerprint(access)


def test_dialect_and_limit_are_told_apart() -> None:
    assert check_sql("SELECT 1", dialect="postgres", row_limit=5).row_limit == 5
    assert check_sql("SELECT 1", dialect="postgres", row_limit=6).row_limit == 6
    assert check_sql("SELECT 1", dialect="tsql").text != check_sql("SELECT 1", dialect="mysql").text


def test_the_cache_stays_within_its_bounds() -> None:
    cache = VerdictCache(most=10, most_bytes=20_000)
    safe = check_sql("SELECT 1", dialect="postgres")
    for number in range(100):
        cache.judge(f"SELECT {number}", "key", lambda: safe)
    assert len(cache) == 10
    for number in range(100):
        cache.judge(f"SELECT {number}{' ' * 1_000}", "key", lambda: safe)
    assert cache.bytes <= 20_000
    cache.judge("x" * 20_000, "key", lambda: safe)
    assert cache.bytes <= 20_000


def test_a_refusal_is_remembered_without_its_traceback() -> None:
    cache = VerdictCache()
    calls: list[int] = []

    def refuse() -> SafeSql:
        calls.append(1)
        raise UnsafeSql(Refusal.EMPTY, "There is no SQL.")

    raised = []
    for _ in range(2):
        with pytest.raises(UnsafeSql) as error:
            cache.judge("x", "key", refuse)
        raised.append(error.value)
    assert calls == [1]
    assert raised[0] is not raised[1]
