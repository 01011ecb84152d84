"""Policies written into statements: what is released, what is refused, and what no value and no error can give away."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.datasources.access import Access, Mask, MaskKind, Restriction, Value
from apps.datasources.guard import Refusal, UnsafeSql, check_sql
from apps.datasources.schema import Schema
from config.embedded import admin_url
from tests.datasources.guard.policies import COLUMNS, NAMESPACES, ROWS, ddl, inserts, policied, schema

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "policies.yaml").read_text())
SHARED = Path(__file__).parents[4] / "shared" / "security_cases"
REFUSALS = {one.value for one in Refusal}


def released(sql: str, access: Access) -> str:
    return check_sql(sql, dialect=access.schema.dialect, access=access).text


def read_of(table: str, dialect: str) -> str:
    """The sub-select by which the policy of the tests reads this table, as it is released."""
    text = released(f"SELECT * FROM {table}", policied(dialect))
    return text[text.index("(") : text.rindex(")") + 1]


@pytest.mark.parametrize(
    ("dialect", "case"),
    [pytest.param(dialect, case, id=case["title"]) for dialect, cases in CASES.items() for case in cases],
)
def test_each_case_is_released_or_refused_as_it_says(dialect: str, case: dict[str, str]) -> None:
    try:
        said = released(case["sql"], policied(dialect))
    except UnsafeSql as error:
        said = error.error_code
    expected = case["says"]
    if expected not in REFUSALS:
        expected = expected.format(customers=read_of("customers", dialect), orders=read_of("orders", dialect))
    assert said == expected


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(admin_url(), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA policies_of_the_tests")
        connection.execute("SET search_path = policies_of_the_tests")
        for statement in (*ddl(COLUMNS), *inserts(ROWS)):
            connection.execute(statement)
        yield connection
        connection.execute("DROP SCHEMA policies_of_the_tests CASCADE")


@pytest.fixture(scope="module")
def sqlite() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    for statement in (*ddl(COLUMNS), *inserts(ROWS)):
        connection.execute(statement)
    yield connection
    connection.close()


def filtered(dialect: str, condition: str, *values: tuple[str, Value]) -> Access:
    """Customers under one row filter and nothing else."""
    namespace = "policies_of_the_tests" if dialect == "postgres" else None
    whole = schema(dialect, COLUMNS)
    tables = tuple(type(one)(one.name, one.columns, namespace=namespace) for one in whole)
    restriction = Restriction("customers", namespace, tuple(COLUMNS["customers"]), (), condition, values)
    return Access(Schema(dialect, tables, default_namespace=namespace), restrictions=(restriction,))


# A filter that costs more than the question's own condition, so that a planner would rather do it last.
DEAR = "EXISTS (SELECT 1 FROM products p WHERE p.id = customers.id AND customers.country = 'DE') OR country = 'DE'"
LEAKS = {
    "postgres": ("SELECT id FROM customers WHERE 1 / (id - 2) > -9", "OFFSET 0"),
    "sqlite": (
        "SELECT id FROM customers WHERE abs(CASE WHEN id = 2 THEN -9223372036854775807 - 1 ELSE 1 END) > 0",
        "LIMIT 9223372036854775807",
    ),
}


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_no_error_tells_of_a_row_that_is_filtered_out(dialect: str, request: pytest.FixtureRequest) -> None:
    connection = request.getfixturevalue(dialect)
    question, barrier = LEAKS[dialect]
    text = released(question, filtered(dialect, DEAR))
    assert sorted(connection.execute(text).fetchall()) == [(1,), (3,), (5,)]
    with pytest.raises((psycopg.errors.DivisionByZero, sqlite3.OperationalError)):  # so without it, one would
        connection.execute(text.replace(barrier, "")).fetchall()


TEXTS = st.text(max_size=40) | st.text(alphabet="'\"\\;-/*$:?%{}()= \n\0aE", max_size=40)
ATOMS = TEXTS.map(lambda text: text.replace("\0", "")) | st.integers(-(2**63), 2**63 - 1) | st.booleans()


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
@settings(max_examples=300, deadline=None)
@given(value=TEXTS.map(lambda text: text.replace("\0", "")))
def test_a_text_stays_a_text_whatever_is_in_it(dialect: str, value: str) -> None:
    """The database reads back the very value, so nothing in it ended the string."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    access = filtered(dialect, ":value IS NOT NULL AND name = :value", ("value", value))
    text = released("SELECT count(*) FROM customers", access)
    literal = text.split("name = ", 1)[1].rsplit(" OFFSET" if dialect == "postgres" else ") LIMIT 922", 1)[0]
    assert READERS[dialect](literal) == value


def _read_sqlite(literal: str) -> Any:
    with sqlite3.connect(":memory:") as connection:
        return connection.execute(f"SELECT {literal}").fetchone()[0]


def _read_postgres(literal: str) -> Any:
    with psycopg.connect(admin_url(), autocommit=True) as connection:
        return connection.execute(f"SELECT {literal}".encode()).fetchone()[0]  # type: ignore[index]


READERS = {"postgres": _read_postgres, "sqlite": _read_sqlite}


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "duckdb", "tsql", "snowflake", "bigquery", "trino"])
@settings(max_examples=100, deadline=None)
@given(value=ATOMS)
def test_no_value_changes_anything_but_itself(dialect: str, value: Value) -> None:
    """In every dialect, with any value: one constant more or less, and the same statement around it."""
    namespace = NAMESPACES.get(dialect)
    tables = tuple(type(one)(one.name, one.columns, namespace=namespace) for one in schema("sqlite", COLUMNS))
    restriction = Restriction("customers", namespace, ("id",), (), "name = :value", (("value", value),))
    access = Access(Schema(dialect, tables, default_namespace=namespace), restrictions=(restriction,))
    try:
        text = released("SELECT id FROM customers", access)
    except UnsafeSql:
        return  # refused is safe
    plain = released("SELECT id FROM customers", _with_value(access, "harmless"))
    before, after = plain.split("'harmless'")
    assert text.startswith(before)
    assert text.endswith(after)


def _with_value(access: Access, value: Value) -> Access:
    old = access.restrictions[0]
    new = Restriction(old.table, old.namespace, old.columns, (), old.condition, (("value", value),))
    return Access(access.schema, restrictions=(new,))


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
@pytest.mark.parametrize(
    ("value", "seen"), [("DE", [1, 3, 5]), (("DE", "FR"), [1, 2, 3, 5]), ("XX", []), ("' OR '1' = '1", [])]
)
def test_a_filter_takes_its_values_from_the_membership(
    dialect: str, value: Value, seen: list[int], request: pytest.FixtureRequest
) -> None:
    access = filtered(dialect, "country IN (:countries)", ("countries", value))
    rows = request.getfixturevalue(dialect).execute(released("SELECT id FROM customers ORDER BY id", access)).fetchall()
    assert [row[0] for row in rows] == seen


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_a_list_outside_of_in_is_refused(dialect: str) -> None:
    with pytest.raises(UnsafeSql):
        released("SELECT id FROM customers", filtered(dialect, "country = :countries", ("countries", ("DE", "FR"))))


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_a_filter_that_leads_back_to_its_table_is_refused(dialect: str) -> None:
    with pytest.raises(UnsafeSql):
        released("SELECT id FROM customers", filtered(dialect, "id IN (SELECT id FROM customers)"))


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_who_may_see_no_row_sees_none(dialect: str, request: pytest.FixtureRequest) -> None:
    old = filtered(dialect, "country = 'DE'").restrictions[0]
    blind = Restriction(old.table, old.namespace, old.columns, shows_no_rows=True)
    access = Access(filtered(dialect, "x").schema, restrictions=(blind,))
    rows = request.getfixturevalue(dialect).execute(released("SELECT count(*) FROM customers", access)).fetchall()
    assert rows == [(0,)]


MASKED = {
    MaskKind.NULL: [None, None, None],
    MaskKind.FIXED: ["it's hidden"] * 3,
    MaskKind.LAST_FOUR: ["****mple", "****", None],
}


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
@pytest.mark.parametrize("kind", MASKED)
def test_a_mask_shows_what_it_says(dialect: str, kind: MaskKind, request: pytest.FixtureRequest) -> None:
    base = filtered(dialect, "")
    old = base.restrictions[0]
    mask = Mask(kind, "it's hidden" if kind is MaskKind.FIXED else "")
    access = Access(base.schema, restrictions=(Restriction(old.table, old.namespace, old.columns, (("email", mask),)),))
    text = released("SELECT email FROM customers WHERE id IN (1, 3, 4) ORDER BY id", access)
    assert [row[0] for row in request.getfixturevalue(dialect).execute(text).fetchall()] == MASKED[kind]


def test_a_hash_depends_on_the_salt_and_the_value_alone(postgres: psycopg.Connection[Any]) -> None:
    def hashes(salt: str) -> list[str]:
        base = filtered("postgres", "")
        old = base.restrictions[0]
        restriction = Restriction(old.table, old.namespace, old.columns, (("country", Mask(MaskKind.HASH, salt)),))
        text = released(
            "SELECT country FROM customers WHERE id IN (1, 2, 3) ORDER BY id",
            Access(base.schema, restrictions=(restriction,)),
        )
        return [row[0] for row in postgres.execute(text.encode()).fetchall()]

    first, second, third = hashes("a")
    assert first == third != second
    assert first not in hashes("b")


def test_what_is_shown_and_kept_has_no_policy_in_it() -> None:
    safe = check_sql("SELECT id FROM customers", dialect="postgres", access=policied("postgres"))
    assert safe.plain == "SELECT id FROM customers LIMIT 10000"
    assert "DE" in safe.text
    assert safe.columns == {"public.customers": ("id",)}


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT count(*) FROM orders", ()),
        ("SELECT sum(amount) FROM orders WHERE customer_id = 1", ("customer_id", "amount")),
        ("SELECT * FROM orders", ("id", "customer_id", "amount")),
        ("SELECT o FROM orders o", ("id", "customer_id", "amount")),
        ("SELECT a FROM orders o(a)", ("id", "customer_id", "amount")),
        ("SELECT 1 FROM orders NATURAL JOIN products", ("id", "customer_id", "amount")),
        ("SELECT 1 FROM orders JOIN products USING (amount)", ("amount",)),
        ("SELECT 1 FROM orders ORDER BY (SELECT max(amount) FROM products)", ("amount",)),
    ],
)
@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_the_columns_that_are_read_are_known(dialect: str, sql: str, columns: tuple[str, ...]) -> None:
    if dialect == "sqlite" and ("o(a)" in sql or " o FROM" in sql):
        return  # it has neither
    safe = check_sql(sql, dialect=dialect, access=policied(dialect))
    assert safe.columns["public.orders" if dialect == "postgres" else "orders"] == columns


@pytest.mark.skipif(not SHARED.exists(), reason="the shared cases are not beside this checkout")
def test_shared_cases_of_scope_hold_under_a_policy_too() -> None:
    """What is refused without a policy is refused with one, and what is allowed stays so."""
    from tests.datasources.conftest import fixture_access

    lines = (SHARED / "table_scope.jsonl").read_text().splitlines()
    for case in map(json.loads, lines):
        base = fixture_access(case["dialect"])
        limits = tuple(
            Restriction(one.name, one.namespace, tuple(each.name for each in one.columns), condition="id > '0'")
            for one in base.schema
        )
        try:
            text = released(case["statement"], Access(base.schema, restrictions=limits))
        except UnsafeSql:
            assert case["expected"] == "refuse", case["statement"]
        else:
            assert case["expected"] == "allow", case["statement"]
            assert "secrets" not in text or "secrets" in case["statement"]


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_threads_that_judge_at_once_get_the_same_text(dialect: str) -> None:
    """What is worked out from a policy is shared by all threads of a process."""
    question = "SELECT o.id FROM orders AS o JOIN customers AS c ON c.id = o.customer_id"
    with ThreadPoolExecutor(8) as threads:
        for _ in range(20):
            access = policied(dialect)
            texts = set(threads.map(lambda _, access=access: released(question, access), range(8)))
            assert len(texts) == 1
