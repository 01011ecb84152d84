"""Verified questions like the one asked say which plausible reading stands first, and change nothing else."""

from dataclasses import replace

import pytest
from sqlglot import parse_one

from apps.clarification.readings import Reading
from apps.knowledge.likeness import Example, likenesses
from apps.queries.engines.builtin import propose_readings
from apps.queries.engines.builtin.support import in_order_of_support
from tests.queries.engines.model.schemas import ColumnType, Schema, Table, column, context

INVOICED, RECEIVED = "SELECT SUM(invoiced) FROM orders", "SELECT SUM(received) FROM orders"
LIKE = Example("Revenue by country", "SELECT country, SUM(received) FROM orders GROUP BY country", 0.8)
ASKED = replace(context("Revenue by month"), examples=(LIKE,))


def readings(*scored: tuple[str, float], **fields: bool) -> list[Reading]:
    return [Reading(parse_one(sql), score, **fields) for sql, score in scored]


def order(found: list[Reading]) -> list[tuple[str, float]]:
    return [(one.tree.sql(), one.score) for one in found]


def test_the_reading_that_does_as_they_do_stands_first_and_the_scores_stay() -> None:
    found = in_order_of_support(readings((INVOICED, 0.5), (RECEIVED, 0.4)), ASKED)
    assert order(found) == [(RECEIVED, 0.5), (INVOICED, 0.4)]
    assert found[0].reasons[-1].name == "like verified questions"


@pytest.mark.parametrize(
    ("given", "examples"),
    [
        ([(INVOICED, 0.5), (RECEIVED, 0.4)], ()),
        ([(INVOICED, 0.5), (RECEIVED, 0.4)], (replace(LIKE, likeness=0.2),)),
        ([(INVOICED, 0.9), (RECEIVED, 0.1)], (LIKE,)),  # hardly plausible
        ([(RECEIVED, 0.5), (INVOICED, 0.4)], (LIKE,)),
        ([(INVOICED, 0.5), (RECEIVED, 0.4)], (replace(LIKE, sql="SELECT name FROM customers"),)),
        ([(INVOICED, 0.5), (RECEIVED, 0.4)], (replace(LIKE, sql="SELECT ((("),)),
        ([(INVOICED, 0.5)], (LIKE,)),
        ([], (LIKE,)),
    ],
)
def test_otherwise_the_order_stays(given: list[tuple[str, float]], examples: tuple[Example, ...]) -> None:
    assert order(in_order_of_support(readings(*given), replace(ASKED, examples=examples))) == given


def test_a_second_opinion_stays_one() -> None:
    second = readings((RECEIVED, 0.4), second_opinion=True)
    found = in_order_of_support([*readings((INVOICED, 0.5)), *second], ASKED)
    assert order(found) == [(INVOICED, 0.5), (RECEIVED, 0.4)]


def test_the_engine_offers_first_what_a_verified_question_means() -> None:
    money = [column(name, ColumnType.DECIMAL, "numeric") for name in ("invoiced_revenue", "received_revenue")]
    shop = Schema("sqlite", (Table("orders", (column("id", ColumnType.INTEGER), column("country"), *money)),))
    asked = context("What is the total revenue?", shop)
    first = propose_readings(asked)[0].tree.sql()
    other = "received_revenue" if "invoiced_revenue" in first else "invoiced_revenue"
    example = Example("total revenue by country", f"SELECT country, SUM({other}) FROM orders GROUP BY country", 0.7)
    found = propose_readings(replace(asked, examples=(example,)))
    assert other in found[0].tree.sql()
    assert sorted(one.score for one in found) == sorted(one.score for one in propose_readings(asked))


def test_rare_words_make_questions_alike_and_common_ones_do_not() -> None:
    known = ["How many orders were refunded?", "How many customers are there?", "How many orders are there in 2024?"]
    alike = likenesses("Which orders were refunded in 2025?", known)
    assert alike[0] > alike[2] > alike[1] == 0.0
    assert likenesses("How many ORDER?", [known[2]]) == [1.0]
    assert likenesses("?", known) == [0.0] * 3
