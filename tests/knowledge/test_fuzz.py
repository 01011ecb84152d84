"""Whatever is typed, and whatever tables are called, linking and the engine answer without raising, in bounded work."""

import datetime as dt
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.catalog import catalog_of
from apps.knowledge.linking import link, tables_for
from apps.knowledge.names import split_name
from apps.knowledge.tokens import tokenize
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context
from apps.queries.engines.builtin import propose_readings

TODAY = dt.date(2026, 1, 15)
SECONDS = 2.0


def table(name: str, *columns: str, **others: object) -> Table:
    kinds = [ColumnType.INTEGER, ColumnType.TEXT, ColumnType.DATE, ColumnType.BOOLEAN, ColumnType.JSON]
    made = tuple(Column(one, kinds[place % len(kinds)]) for place, one in enumerate(columns))
    return Table(name, made, **others)  # type: ignore[arg-type]


SHOP = Schema(
    "postgres",
    (
        table("customers", "id", "name", "since", "is_active", namespace="shop", primary_key=("id",)),
        table(
            "orders", "id", "note", "ordered_at", "customer_id", namespace="shop", primary_key=("id",),
            foreign_keys=(ForeignKey(("customer_id",), "customers", ("id",), "shop"),),
        ),
    ),
    "shop",
)  # fmt: skip
ODD = Schema(
    "sqlite",
    (
        table("___", "_", "__", "-", "1", " "),
        table("1", "2", "3"),
        table('a "quoted" name', "it's", "a`b", "x.y", "[z]"),
        table("order by", "select", "from", "group"),
        table("Größe", "straße", "名前", "имя", "שם", "🙂"),
        table("no columns"),
        table("self", "id", "self_id", primary_key=("id",), foreign_keys=(ForeignKey(("self_id",), "self", ("id",)),)),
        table("broken", "id", foreign_keys=(ForeignKey(("gone",), "nowhere", ("id",)),)),
    ),
)
SCHEMAS = {
    "shop": SHOP,
    "odd": ODD,
    "no tables": Schema("postgres", ()),
    "wide": Schema("mysql", (table("wide", *(f"measure_{number}_{'abc'[number % 3]}" for number in range(300))),)),
    "many": Schema(
        "duckdb", tuple(table(f"stg_part_{number}", "id", "part id", f"c{number}") for number in range(120))
    ),
}
VALUES = MemoryValueIndex(
    [("shop.customers", "name", "Ada"), ("___", "__", "🙂"), ("1", "2", "''"), ("wide", "x", "y")]
)
words = st.sampled_from(
    "show how many orders customers of by with the id name most not in last year quarter 10 2024-01-01 'Ada' \"x ( ) ; "
    "-- /* */ % _ ___ 1 0 -5 1e999 $3k select * from Größe 名前 🙂 שלום \u202e \x00 \ud7ff = > < ' \" ` average".split(
        " "
    )
)
texts = st.one_of(st.text(max_size=300), st.lists(words, max_size=40).map(" ".join))


@pytest.mark.parametrize("name", SCHEMAS)
@given(question=texts)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_question_about_any_schema_is_read_without_an_error(name: str, question: str) -> None:
    schema = SCHEMAS[name]
    for one in link(tokenize(question), catalog_of(schema)):
        assert 0 <= one.start < one.end
        assert 0 < one.quality <= 1
    for reading in propose_readings(Context(question, schema, VALUES, TODAY)):
        assert 0 <= reading.score <= 1


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize(
    "question",
    ["customer " * 1_200, "a" * 10_000, "'" * 10_000, "1" * 10_000, "Ada Ada " * 1_250, "\u202eorders\x00" * 1_000,
     "🙂" * 10_000, "-" * 10_000, "1," * 5_000, "average of the " * 700, "x-y" * 3_300, "9" * 400 + " orders"],
)  # fmt: skip
def test_very_long_questions_take_bounded_work(name: str, question: str) -> None:
    started = time.thread_time()
    propose_readings(Context(question, SCHEMAS[name], VALUES, TODAY))
    assert time.thread_time() - started < SECONDS


@given(name=st.text(max_size=120), vocabulary=st.frozensets(st.text(max_size=8), max_size=6))
@settings(max_examples=100, deadline=None)
def test_any_name_splits_into_words(name: str, vocabulary: frozenset[str]) -> None:
    assert all(word for word in split_name(name, vocabulary))


@given(phrase=texts)
@settings(max_examples=60, deadline=None)
def test_any_phrase_may_be_looked_up_among_values(phrase: str) -> None:
    assert len(VALUES.find(phrase, limit=5)) <= 5
    assert len(VALUES.find(phrase, exact=True)) <= 10


@given(question=texts)
@settings(max_examples=30, deadline=None)
def test_tables_are_ranked_once_each(question: str) -> None:
    found = tables_for(tokenize(question), catalog_of(SCHEMAS["many"]), 10, VALUES)
    assert len(found) == len(set(found)) <= 10
