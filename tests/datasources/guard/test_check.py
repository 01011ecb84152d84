"""The guard's verdicts, from files of titled cases: ours, and the shared ones where they are beside the checkout."""

import json
import pickle
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from apps.datasources.access import Access
from apps.datasources.guard import Refusal, SafeSql, UnsafeSql, check_sql
from apps.datasources.guard.dialects import rules_for
from tests.datasources.conftest import fixture_access

FOLDER = Path(__file__).parents[1] / "cases"
SHARED = Path(__file__).parents[4] / "shared" / "security_cases"
DIALECTS = ("postgres", "mysql", "sqlite", "duckdb", "tsql")
ALL_DIALECTS = (*DIALECTS, "snowflake", "bigquery", "trino")


def own_cases(dialect: str) -> list[dict[str, str]]:
    """Of both kinds: siblings of the shared cases, and the dialect's own file."""
    siblings = yaml.safe_load((FOLDER / "guard.yaml").read_text()).get(dialect, [])
    return [*siblings, *yaml.load((FOLDER / f"guard_{dialect}.yaml").read_text(), Loader=yaml.CSafeLoader)]


def verdict(sql: str, dialect: str, access: Access | None) -> str:
    try:
        check_sql(sql, dialect=dialect, access=access)
    except UnsafeSql as error:
        return error.error_code
    return "allow"


def shared_cases(*names: str) -> list[Any]:
    lines = [
        json.loads(line)
        for name in names
        if (SHARED / name).exists()
        for line in (SHARED / name).read_text().splitlines()
    ]
    # Where another layer may be the one that holds, the guard is free to say either.
    return [
        pytest.param(case, id=case["id"])
        for case in lines
        if case["dialect"] in (*ALL_DIALECTS, "all") and "also_ok" not in case
    ]


@pytest.mark.parametrize(
    ("dialect", "case"),
    [pytest.param(dialect, case, id=case["title"]) for dialect in ALL_DIALECTS for case in own_cases(dialect)],
)
def test_each_case_of_ours_gets_its_verdict(dialect: str, case: dict[str, str]) -> None:
    assert verdict(case["sql"], dialect, fixture_access(dialect)) == case["says"]


@pytest.mark.parametrize(
    "case", shared_cases(*(f"sql_guard_{dialect}.jsonl" for dialect in ALL_DIALECTS), "table_scope.jsonl")
)
def test_shared_cases_are_judged_as_expected(case: dict[str, Any]) -> None:
    said = verdict(case["statement"], case["dialect"], fixture_access(case["dialect"]))
    assert ("allow" if said == "allow" else "refuse") == case["expected"]


# Only a schema tells these from honest reads: a field that is a function, a table that is a variable of the process.
NEEDS_A_SCHEMA = {"PG-R272", "DK-R044"}


@pytest.mark.parametrize("case", shared_cases(*(f"sql_guard_{dialect}.jsonl" for dialect in ALL_DIALECTS)))
def test_shared_cases_are_judged_as_expected_without_a_source(case: dict[str, Any]) -> None:
    said = verdict(case["statement"], case["dialect"], None)
    expected = "allow" if case["id"] in NEEDS_A_SCHEMA else case["expected"]
    assert ("allow" if said == "allow" else "refuse") == expected


def stress_text(case: dict[str, Any]) -> str:
    """The text that a template of parser_stress.jsonl means."""
    count = case["n"]
    if "joins" in case["id"]:
        return "SELECT 1 FROM customers c0" + "".join(f" CROSS JOIN customers c{k}" for k in range(1, count + 1))
    if "cte_chain" in case["id"]:
        ctes = "".join(f", c{k} AS (SELECT * FROM c{k - 1})" for k in range(1, count + 1))
        return f"WITH c0 AS (SELECT 1 a){ctes} SELECT * FROM c{count}"
    return re.sub(r"\{'(.*?)'\*n\}", lambda found: found[1] * count, case["template"])


TRIES = 3

# Brackets make lists in these only, comments nest in these only, and BigQuery wants UNION ALL or UNION DISTINCT.
SPEAKS = {
    "DEP-brackets-30": {"duckdb", "snowflake", "bigquery"},
    "DEP-nested_comment-30": {"postgres"},
    "DEP-union-30": set(ALL_DIALECTS) - {"bigquery"},
}


@pytest.mark.parametrize("dialect", ALL_DIALECTS)
@pytest.mark.parametrize("case", shared_cases("parser_stress.jsonl"))
def test_stress_gets_a_verdict_in_time(case: dict[str, Any], dialect: str) -> None:
    said, seconds = "", float("inf")
    for attempt in range(TRIES):  # a core that another process shares is up to twice as slow
        text = stress_text(case) + " " * attempt  # no verdict is remembered for it
        started = time.thread_time()
        said = verdict(text, dialect, fixture_access(dialect))
        seconds = time.thread_time() - started
        if seconds < 1:
            break
    assert seconds < 1
    if case["expected"] == "allow" and dialect in SPEAKS.get(case["id"], {dialect}):
        assert said == "allow"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("before", "middle", "after"),
    [
        ("(", "1", ")"),
        ("date(", "1", ")"),
        ("ARRAY[", "1", "]"),
        ("CASE WHEN true THEN ", "1", " END"),
        ("NOT ", "true", ""),
        ("- ", "1", ""),
        ("json_query(", "a", ", '$')"),
        ("greatest(", "1", ", 2)"),
        ("(SELECT * FROM ", "(SELECT 1) a", ") a"),
    ],
)
@pytest.mark.parametrize("times", [30, 300, 8_000])
def test_no_nesting_stalls_the_process(dialect: str, before: str, middle: str, after: str, times: int) -> None:
    started = time.thread_time()
    verdict("SELECT " + before * times + middle + after * times, dialect, None)
    assert time.thread_time() - started < 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_joins_that_wait_for_their_condition_do_not_stall(dialect: str) -> None:
    started = time.thread_time()
    verdict("SELECT 1 FROM t " + "LEFT JOIN t " * 40 + "ON 1 = 1", dialect, None)
    assert time.thread_time() - started < 1


@pytest.mark.parametrize(
    ("dialect", "sql", "written", "limit", "capped"),
    [
        ("postgres", "SELECT 1 -- LIMIT 1", "SELECT 1 LIMIT 10", 10, True),
        ("postgres", "SELECT 1 AS limit", 'SELECT 1 AS "limit" LIMIT 10', 10, True),
        ("postgres", "SELECT 1 LIMIT 3", "SELECT 1 LIMIT 3", 3, False),
        ("postgres", "SELECT 1 LIMIT 500 OFFSET 2", "SELECT 1 LIMIT 10 OFFSET 2", 10, True),
        ("postgres", "SELECT 1 LIMIT ALL", "SELECT * FROM (SELECT 1 LIMIT ALL) limited LIMIT 10", 10, True),
        ("postgres", "SELECT 1 LIMIT 1 + 99", "SELECT * FROM (SELECT 1 LIMIT 1 + 99) limited LIMIT 10", 10, True),
        ("postgres", "(SELECT 1 LIMIT 1) UNION SELECT 2", "(SELECT 1 LIMIT 1) UNION SELECT 2 LIMIT 10", 10, True),
        ("sqlite", "SELECT 1 UNION SELECT 2", "SELECT 1 UNION SELECT 2 LIMIT 10", 10, True),
        ("mysql", "SELECT 1 LIMIT 5, 100", "SELECT 1 LIMIT 10 OFFSET 5", 10, True),
        (
            "tsql",
            "SELECT 1 UNION SELECT 2",
            "SELECT 1 UNION SELECT 2 ORDER BY 1 OFFSET 0 ROWS FETCH FIRST 10 ROWS ONLY",
            10,
            True,
        ),
        (
            "tsql",
            "SELECT a FROM t UNION SELECT a FROM u ORDER BY a DESC",
            "SELECT a FROM t UNION SELECT a FROM u ORDER BY a DESC OFFSET 0 ROWS FETCH FIRST 10 ROWS ONLY",
            10,
            True,
        ),
        ("tsql", "SELECT TOP 50 a FROM t", "SELECT TOP 10 a FROM t", 10, True),
        ("tsql", "SELECT TOP 5 PERCENT a FROM t", None, 10, True),
    ],
)
def test_the_limit_is_put_where_it_counts(
    dialect: str, sql: str, written: str | None, limit: int, capped: bool
) -> None:
    safe = check_sql(sql, dialect=dialect, row_limit=10)
    assert safe.text == written or written is None
    assert (safe.row_limit, safe.capped) == (limit, capped)


def test_the_text_is_written_anew_without_comments() -> None:
    assert check_sql("select /* a */ 1 -- b", dialect="postgres").text == "SELECT 1 LIMIT 10000"


def test_the_tables_read_are_named_in_full() -> None:
    safe = check_sql("SELECT * FROM orders, Customers", dialect="postgres", access=fixture_access("postgres"))
    assert safe.tables == {"public.orders", "public.customers"}


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "SELECT row_to_json(c.*) FROM customers c"),
        ("postgres", "SELECT 1 FROM customers c ORDER BY c.*::text"),
        ("postgres", "SELECT count(*) FROM customers c WHERE c.* IS NULL"),
        ("duckdb", "SELECT COLUMNS('sal.*') FROM customers"),
        ("duckdb", "SELECT #3 FROM customers"),
        ("duckdb", "SELECT max(customers.*) FROM customers"),
        ("duckdb", "SELECT v FROM customers UNPIVOT (v FOR n IN (email, country))"),
        ("duckdb", "SELECT * FROM (UNPIVOT customers ON email, country)"),
    ],
)
def test_columns_that_are_read_without_being_named_count_as_read(dialect: str, sql: str) -> None:
    """Who may see the result later is judged by these columns."""
    access = fixture_access(dialect)
    table = next(one for one in access.schema if one.name == "customers")
    read = check_sql(sql, dialect=dialect, access=access).columns[table.full_name]
    assert read == tuple(column.name for column in table.columns)


def test_counting_rows_reads_no_column() -> None:
    for dialect in DIALECTS:
        read = check_sql("SELECT count(*) FROM customers", dialect=dialect, access=fixture_access(dialect)).columns
        assert list(read.values()) == [()]


def test_a_function_that_an_administrator_allowed_is_allowed_here_only() -> None:
    access = fixture_access("postgres")
    assert verdict("SELECT sales.net_price(1)", "postgres", access) == Refusal.FORBIDDEN_FUNCTION
    allowing = Access(access.schema, functions=frozenset({"sales.net_price"}))
    assert verdict("SELECT sales.net_price(1)", "postgres", allowing) == "allow"


def test_nobody_but_the_guard_makes_safe_sql() -> None:
    with pytest.raises(TypeError):
        SafeSql("DROP TABLE x", "postgres", frozenset(), 1, False)
    with pytest.raises(TypeError):
        pickle.dumps(check_sql("SELECT 1", dialect="postgres"))


@pytest.mark.parametrize("sql", ["", " ", ";", "--", "\x00", "\ud800", "x" * 70_000])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_no_sql_is_refused(sql: str, dialect: str) -> None:
    assert verdict(sql, dialect, None) != "allow"


def test_an_unknown_dialect_is_refused() -> None:
    assert verdict("SELECT 1", "klingon", None) == Refusal.UNKNOWN_DIALECT


@pytest.mark.skipif(not SHARED.exists(), reason="the shared cases are not beside this checkout")
def test_no_postgres_function_that_changes_something_is_listed() -> None:
    lines = (SHARED / "pg15_volatile_builtins.tsv").read_text().splitlines()
    volatile = {line.split("\t")[0].lower() for line in lines}
    only_random_or_clock = {"clock_timestamp", "gen_random_uuid", "random", "timeofday"}
    assert rules_for("postgres").functions & volatile == only_random_or_clock


@pytest.mark.parametrize(
    ("sql", "written"),
    [
        ("SELECT a REGEXP 'x' FROM t", "SELECT a RLIKE 'x' FROM t LIMIT 10"),
        ("SELECT REGEXP_LIKE(a OR b, 'x') FROM t", "SELECT (a OR b) RLIKE 'x' FROM t LIMIT 10"),
        ("SELECT REGEXP_LIKE(a, 'x', 'i') FROM t", "SELECT REGEXP_LIKE(a, 'x', 'i') FROM t LIMIT 10"),
        ("SELECT UTC_DATE()", "SELECT UTC_DATE() LIMIT 10"),
        ("SELECT TIMESTAMPADD(DAY, 5, a) FROM t", "SELECT DATE_ADD(a, INTERVAL '5' DAY) FROM t LIMIT 10"),
    ],
)
def test_mysql_is_written_as_mariadb_reads_it(sql: str, written: str) -> None:
    assert check_sql(sql, dialect="mysql", row_limit=10).text == written


@pytest.mark.parametrize("name", ['"/tmp/x"', '"s3://bucket/x"', '"x.csv"', "data.parquet"])
def test_what_duckdb_takes_for_a_file_is_refused_without_a_source(name: str) -> None:
    assert verdict(f"SELECT * FROM {name}", "duckdb", None) == Refusal.UNKNOWN_TABLE
