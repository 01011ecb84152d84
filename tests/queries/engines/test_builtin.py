import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.queries.engines.builtin import THRESHOLD

from .shop import ask, sql


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many customers are there?", "SELECT COUNT(*) AS customer_count FROM customers"),
        ("What is the average price of products?", "SELECT AVG(price) AS average_price FROM products"),
        ("Show the names of customers from Germany.", "SELECT name FROM customers WHERE country = 'Germany'"),
        ("Top 3 products by price", "SELECT name FROM products ORDER BY price DESC LIMIT 3"),
        ("What is the most expensive product?", "SELECT name FROM products ORDER BY price DESC LIMIT 1"),
        (
            "Number of customers by country",
            "SELECT country, COUNT(*) AS customer_count FROM customers GROUP BY country ORDER BY COUNT(*) DESC",
        ),
        (
            "How many orders were shipped in 2025?",
            "SELECT COUNT(*) AS order_count FROM orders WHERE shipped_on >= '2025-01-01' AND shipped_on < '2026-01-01'",
        ),
        (
            "Which customers have never placed an order?",
            "SELECT customers.name FROM customers"
            " WHERE NOT EXISTS(SELECT 1 FROM orders WHERE orders.customer_id = customers.id)",
        ),
    ],
)
def test_plain_questions_are_read_as_written_by_hand(question: str, expected: str) -> None:
    assert sql(question) == expected


def test_names_that_need_it_are_quoted_in_postgres() -> None:
    assert '"Credit Limit"' in sql("What is the average credit limit of customers?", dialect="postgres")


def test_values_take_their_stored_spelling() -> None:
    assert "country = 'Germany'" in sql("show the names of customers from germany")


def test_a_question_about_nothing_in_the_schema_has_no_sure_reading() -> None:
    assert all(reading.score < THRESHOLD for reading in ask("Will it rain in the mountains tomorrow afternoon?"))


def test_the_same_question_gives_the_same_readings() -> None:
    assert ask("List the names of products cheaper than 20") == ask("List the names of products cheaper than 20")


def test_scores_are_probabilities_in_falling_order() -> None:
    scores = [reading.score for reading in ask("Show the name and price of products ordered in March 2025")]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len(scores) <= 6


def test_no_reading_dumps_whole_tables_unless_asked() -> None:
    assert not any(
        "*" in reading.tree.sql() and "COUNT" not in reading.tree.sql() for reading in ask("customers products")
    )


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error_and_soon(text: str) -> None:
    started = time.thread_time()
    ask(text)
    assert time.thread_time() - started < 2.0


WORDS = [
    "how",
    "many",
    "the",
    "of",
    "names",
    "customers",
    "orders",
    "5",
    "not",
    "between",
    "and",
    "2025",
    "'x'",
    "most",
    "by",
    "each",
    "last",
    "year",
    "or",
    ",",
    "?",
    "Germany",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_shuffled_question_words_are_read_without_an_error_and_soon(words: list[str]) -> None:
    started = time.thread_time()
    ask(" ".join(words))
    assert time.thread_time() - started < 2.0
