"""What a question speaks of, in values and tables."""

import time

from apps.datasources.schema import Schema, Table
from apps.queries.context import Turn
from apps.queries.engines.model.relevance import tables_by_relevance, values_named
from tests.queries.engines.model.schemas import SHOP, column, context

COUNTRIES = [("customers", "country", "Germany"), ("customers", "country", "New Zealand"), ("customers", "name", "Ann")]
MANY = [Table(f"table_{n}", tuple(column(f"field_{n}_{m}") for m in range(20))) for n in range(5_000)]
BIG = Schema("postgres", (*MANY, Table("shipments", (column("carrier"),))))


def names(question: str, schema: Schema, **more: object) -> list[str]:
    asked = context(question, schema, **more)  # type: ignore[arg-type]
    return [table.full_name for table in tables_by_relevance(asked, values_named(asked))]


def test_a_value_is_found_by_its_name_and_by_a_near_spelling() -> None:
    for said in ("Germany", "germany", "Germnay"):
        [match] = values_named(context(f"orders from {said} please", values=COUNTRIES))
        assert (match.table, match.column, match.value) == ("customers", "country", "Germany")


def test_a_value_of_several_words_is_found() -> None:
    assert [one.value for one in values_named(context("Who lives in New Zealand?", values=COUNTRIES))] == [
        "New Zealand"
    ]


def test_values_of_what_the_person_may_not_see_are_left_out() -> None:
    hidden = [("salaries", "person", "Germany"), ("customers", "secret_note", "Germany")]
    assert values_named(context("orders from Germany", values=hidden)) == []


def test_the_table_that_is_named_comes_first() -> None:
    assert names("How many orders are there?", SHOP) == ["orders", "customers"]
    assert names("Which country has most customers?", SHOP)[0] == "customers"


def test_the_conversation_counts_too() -> None:
    asked = Turn("How many shipments were there?", "SELECT COUNT(*) FROM shipments")
    assert names("And by carrier?", BIG, history=(asked,))[0] == "shipments"


def test_one_table_in_five_thousand_is_found_in_little_time() -> None:
    names("warm up", BIG)
    started = time.thread_time()
    assert names("How many shipments by carrier?", BIG)[0] == "shipments"
    assert time.thread_time() - started < 0.5
