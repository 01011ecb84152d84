"""What a model is told of values by privacy level, and that its SQL finds them again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlglot import parse_one

from apps.clarification.readings import ChoiceField, KnownRule
from apps.datasources.results import ResultColumn, ResultSet
from apps.datasources.schema import ColumnType, Schema, Table
from apps.knowledge.glossary import Term
from apps.knowledge.likeness import Example
from apps.llm.privacy import PrivacyLevel
from apps.queries.context import Context, FailedSql, Turn
from apps.queries.engines.model.hidden_rows import hide_headers, hide_rows
from apps.queries.engines.model.hidden_sql import hidden_sql
from apps.queries.engines.model.hiding import pseudonyms_for, without_values
from apps.queries.engines.model.messages import opening_messages
from tests.queries.engines.model.schemas import CUSTOMERS, ORDERS, column, context

PEOPLE = Table("employees", (column("name", samples=("Ann Miller",)), column("email", samples=("a@x.example",)),
                             column("city", samples=("Berlin", "Ann Miller's Town")), column("status")))  # fmt: skip
SCHEMA = Schema("sqlite", (CUSTOMERS, ORDERS, PEOPLE))
VALUES = [
    ("employees", "name", "Ann Miller"), ("employees", "city", "Berlin"), ("customers", "country", "New Zealand"),
    ("employees", "status", "open"), ("employees", "city", "orders"), ("employees", "city", "the"),
    ("employees", "city", "X"), ("employees", "city", "2024"), ("customers", "country", "BERLIN"),
]  # fmt: skip


def asked(question: str, level: PrivacyLevel = PrivacyLevel.SCHEMA, **more: Any) -> Context:
    return replace(context(question, SCHEMA, values=VALUES), privacy=level, **more)


def told(of: Context) -> str:
    return opening_messages(of, window_tokens=32_768).messages[-1]["content"]


QUESTIONS = {
    "employees in berlin": "employees in VALUE_1",
    "Who is in new  zealand, Berlin?": "Who is in VALUE_1, VALUE_2?",
    "the open orders of 2024 in X": "the VALUE_1 orders of 2024 in X",
    "mail of Ann Miller": "mail of NAME_1",
    "mail of Ann Millar": "mail of NAME_1",
    "people of Paris": "people of Paris",
    "": "",
}


@pytest.mark.parametrize(("question", "expected"), QUESTIONS.items())
def test_stored_values_in_the_question_are_hidden(question: str, expected: str) -> None:
    of = asked(question)
    names = pseudonyms_for(of)
    assert names.hide_known(of.question) == expected


def test_the_model_is_told_where_a_hidden_value_stands_and_what_else_it_may_be() -> None:
    text = told(asked("employees in Berlin"))
    assert 'VALUE_1 is a value of "employees"."city"\n' in text
    assert 'VALUE_2 is a value of "customers"."country", which may be meant where the question says VALUE_1' in text
    assert "berlin" not in text.lower()


def test_a_value_that_is_spelled_like_a_persons_name_is_still_found_as_itself() -> None:
    kings = [("employees", "name", "KING"), ("employees", "status", "King")]
    of = replace(context("status king", SCHEMA, values=kings), privacy=PrivacyLevel.SAMPLES)
    text = told(of)
    assert 'NAME_1 is a value of "employees"."name"\n' in text
    assert 'VALUE_1 is a value of "employees"."status", which may be meant where the question says NAME_1' in text
    assert "king" not in text.lower()
    names = pseudonyms_for(of)
    tree = parse_one("SELECT 1 FROM employees WHERE status = 'VALUE_1' OR name = 'NAME_1'", dialect="sqlite")
    assert names.restore_sql(tree).sql() == "SELECT 1 FROM employees WHERE status = 'King' OR name = 'KING'"
    verified = "SELECT 1 FROM employees WHERE status = 'King'"
    hidden = hidden_sql(verified, names, schema=SCHEMA, privacy=of.privacy, said="")
    assert hidden == "SELECT 1 FROM employees WHERE status = 'VALUE_1'"


def test_under_samples_only_personal_data_is_hidden() -> None:
    text = told(asked("Ann Miller in Berlin, ann@acme.example", PrivacyLevel.SAMPLES))
    assert '"NAME_1 in Berlin, EMAIL_1"' in text
    assert '"employees"."city" holds "Berlin"' in text
    assert 'city text e.g. "Berlin", "NAME_1\'s Town"' in text
    assert "EMAIL_1 is an e-mail address" in text
    assert "\n  name text\n  email text\n" in text
    assert "Miller" not in text


@pytest.mark.parametrize("level", PrivacyLevel)
def test_no_channel_tells_what_the_level_hides(level: PrivacyLevel) -> None:
    sql = "SELECT name FROM employees WHERE name = 'Ann Miller' AND city LIKE '%Lisbon%' AND id > 4711 -- Oporto"
    of = asked(
        "And in Berlin?", level,
        history=(Turn("Who is Ann Miller of Lisbon?", sql, ("The city is Lisbon.",)), Turn("Ann Miller?", None)),
        glossary=(Term(("boss", "Ann Miller"), "employees", "name", "Ann Miller", "Ann Miller, of Lisbon"),),
        examples=(Example("Where is Ann Miller?", "SELECT city FROM employees WHERE name = 'Ann Miller'"),),
        rules=(KnownRule("1", ChoiceField.VALUE, "in berlin", "Ann Miller", "by a rule"),),
        failed=(FailedSql(sql, "no such function near Ann Miller"), FailedSql("SELECT ( 'Ann Miller", "syntax error")),
        task="Find Ann Miller",
    )  # fmt: skip
    text = told(of)
    assert "Miller" not in text
    hidden = ("Berlin", "berlin", "Lisbon", "4711") if level is PrivacyLevel.SCHEMA else ()
    for value in (*hidden, "Oporto"):
        assert value not in text, value
    for section in ("failed", "task", "choices", "glossary", "verified", "conversation"):
        assert "NAME_1" in text.partition(f"<{section}>")[2].partition(f"</{section}>")[0], section


SQL = {
    "SELECT id FROM orders WHERE ordered_on >= '2025-01-01' AND ordered_on < '2026-01-01'": (),
    "SELECT id FROM orders WHERE ordered_on = '2025-03-17'": ("DATE_1",),
    "SELECT id FROM orders WHERE id > 500 LIMIT 17": (),
    "SELECT id FROM orders WHERE id = 4711": ("NUMBER_1",),
    "SELECT STRFTIME('%Y', ordered_on), DATE('now', '-7 days') FROM orders": (),
    "SELECT CASE WHEN id > 500 THEN 'large' END FROM orders": ("VALUE_1",),
    "SELECT id FROM customers WHERE country IN ('Chile', 'Peru')": ("VALUE_1", "VALUE_2"),
    'SELECT id FROM customers WHERE country = "Chile"': ("VALUE_1",),
}


@pytest.mark.parametrize(("sql", "given"), SQL.items())
def test_constants_of_sql_that_come_from_data_are_hidden(sql: str, given: Sequence[str]) -> None:
    of = asked("Which orders over 500?")
    names = pseudonyms_for(of)
    shown = hidden_sql(sql, names, schema=SCHEMA, privacy=of.privacy, said=of.question)
    assert [one.name for one in names.given] == list(given)
    again = names.restore_sql(parse_one(shown, dialect="sqlite")).sql("sqlite")
    assert again == parse_one(sql.replace('"', "'"), dialect="sqlite").sql("sqlite")


def test_one_text_alone_is_told_without_its_values() -> None:
    assert without_values(asked("x"), "Ann Miller in Berlin") == "NAME_1 in VALUE_1"


def result(*names: str, rows: Sequence[tuple[Any, ...]]) -> ResultSet:
    return ResultSet(tuple(ResultColumn(name, ColumnType.TEXT) for name in names), tuple(rows), False, 1)


ROWS = {
    "SELECT email AS contact, city FROM employees": (("a@b", "Rome"), ["EMAIL_1", "Rome"]),
    "SELECT x AS y, 1 AS n FROM (SELECT name AS x FROM employees) AS t": (("Bo Li", 1), ["NAME_1", 1]),
    "WITH t(who, n) AS (SELECT name, 1 FROM employees) SELECT who, n FROM t": (("Bo Li", 1), ["NAME_1", 1]),
    "SELECT city, status FROM employees UNION SELECT name, email FROM employees": (("B", "q"), ["NAME_1", "EMAIL_1"]),
    "SELECT COUNT(email) AS n, MAX(name) AS last FROM employees": ((3, "Zoe"), [3, "NAME_1"]),
    "SELECT birth_date, phone FROM employees": ((dt.date(1990, 5, 1), 5551234567), ["BIRTH_DATE_1", "PHONE_1"]),
    "SELECT city, status FROM employees": (("write to q@w.example", "VALUE_7"), ["write to EMAIL_1", "VALUE_1"]),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "row", "expected"), [(sql, *case) for sql, case in ROWS.items()])
def test_rows_are_told_without_personal_data(sql: str, row: tuple[Any, ...], expected: list[Any]) -> None:
    names = pseudonyms_for(asked("x", PrivacyLevel.RESULTS))
    tree = parse_one(sql, dialect="sqlite")
    shown = hide_rows(result(*tree.named_selects, rows=[row, row]), tree, names, privacy=PrivacyLevel.RESULTS, most=1)
    assert shown == [expected]


@pytest.mark.parametrize("level", [PrivacyLevel.SCHEMA, PrivacyLevel.SAMPLES])
def test_no_rows_are_told_below_the_level_of_results(level: PrivacyLevel) -> None:
    names = pseudonyms_for(asked("x", level))
    rows = result("city", rows=[("Berlin",)])
    assert hide_rows(rows, parse_one("SELECT city FROM employees"), names, privacy=level, most=5) == []
    assert hide_headers(result("in Berlin", rows=[]), names) == ["in VALUE_1" if level == "schema" else "in Berlin"]
