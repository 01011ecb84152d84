"""Verified questions with other constants: what is exchanged, and what is left alone because it is not plain."""

import pytest
from sqlglot import parse_one

from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.knowledge.parameters import same_with_other_constants
from apps.knowledge.values import MemoryValueIndex

ORDERS = Table("orders", tuple(
    Column(name, kind) for name, kind in (
        ("id", ColumnType.INTEGER), ("country", ColumnType.TEXT), ("status", ColumnType.TEXT),
        ("shipped_on", ColumnType.DATE), ("amount", ColumnType.DECIMAL), ("customer_id", ColumnType.INTEGER),
    )
))  # fmt: skip
CUSTOMERS = Table("customers", (Column("id", ColumnType.INTEGER), Column("name", ColumnType.TEXT),
                                Column("country", ColumnType.TEXT)))  # fmt: skip
SCHEMA = Schema("sqlite", (ORDERS, CUSTOMERS))
VALUES = MemoryValueIndex([
    ("orders", "country", "Germany"), ("orders", "country", "France"), ("orders", "country", "United Kingdom"),
    ("customers", "country", "Norway"), ("orders", "status", "shipped"), ("orders", "status", "paid"),
    ("customers", "name", "Contoso"), ("orders", "country", "Of 2025"),
])  # fmt: skip
YEAR_2024 = "shipped_on >= '2024-01-01' AND shipped_on < '2025-01-01'"
SHIPPED = f"SELECT count(*) FROM orders WHERE country = 'Germany' AND {YEAR_2024}"
SHIPPED_QUESTION = "Orders shipped to Germany in 2024?"


def exchanged(question: str, known: str = SHIPPED_QUESTION, sql: str = SHIPPED) -> str | None:
    found = same_with_other_constants(question, known, parse_one(sql, dialect="sqlite"), SCHEMA, VALUES)
    return found and found.tree.sql("sqlite")


@pytest.mark.parametrize(
    ("question", "known", "sql", "expected"),
    [
        (
            "orders shipped to France in 2025", SHIPPED_QUESTION, SHIPPED,
            "SELECT COUNT(*) FROM orders WHERE country = 'France' AND "
            "shipped_on >= '2025-01-01' AND shipped_on < '2026-01-01'",
        ),
        (
            "Orders shipped to united kingdom in 2024", SHIPPED_QUESTION, SHIPPED,
            "SELECT COUNT(*) FROM orders WHERE country = 'United Kingdom' AND "
            "shipped_on >= '2024-01-01' AND shipped_on < '2025-01-01'",
        ),
        (
            "orders in 2025", "orders in 2024",
            "SELECT count(*) FROM orders WHERE shipped_on BETWEEN '2024-01-01' AND '2024-12-31'",
            "SELECT COUNT(*) FROM orders WHERE shipped_on BETWEEN '2025-01-01' AND '2025-12-31'",
        ),
        (
            "orders in 2025", "orders in 2024",
            "SELECT count(*) FROM orders WHERE strftime('%Y', shipped_on) = '2024' LIMIT 10000",
            "SELECT COUNT(*) FROM orders WHERE STRFTIME('%Y', shipped_on) = '2025' LIMIT 10000",
        ),
        (
            "top 10 orders over 2,500", "Top 5 orders over 1000",
            "SELECT id FROM orders WHERE amount > 1000 ORDER BY amount DESC LIMIT 5",
            "SELECT id FROM orders WHERE amount > 2500 ORDER BY amount DESC LIMIT 10",
        ),
        (
            "orders on 2025-03-02", "orders on 2024-02-01",
            "SELECT id FROM orders WHERE shipped_on = '2024-02-01'",
            "SELECT id FROM orders WHERE shipped_on = '2025-03-02'",
        ),
        (
            "shipped orders of 2025 per country", "Shipped orders of 2024 per country",
            f"SELECT country, count(*) FROM orders WHERE status = 'shipped' AND {YEAR_2024} GROUP BY 1",
            "SELECT country, COUNT(*) FROM orders WHERE status = 'shipped' AND shipped_on >= '2025-01-01' AND "
            "shipped_on < '2026-01-01' GROUP BY 1",
        ),
        (
            "paid orders", "shipped orders", "SELECT o.id FROM orders AS o WHERE o.status = 'shipped'",
            "SELECT o.id FROM orders AS o WHERE o.status = 'paid'",
        ),
    ],
)  # fmt: skip
def test_constants_that_are_plain_are_exchanged(question: str, known: str, sql: str, expected: str) -> None:
    assert exchanged(question, known, sql) == expected


@pytest.mark.parametrize(
    ("question", "known", "sql"),
    [
        # other words
        ("orders not shipped to Germany in 2024", SHIPPED_QUESTION, SHIPPED),
        ("orders shipped to Germany in 2024 by month", SHIPPED_QUESTION, SHIPPED),
        # no value of that column, or none at all
        ("orders shipped to Norway in 2024", SHIPPED_QUESTION, SHIPPED),
        ("orders shipped to Atlantis in 2024", SHIPPED_QUESTION, SHIPPED),
        ("orders shipped to Germany or France in 2024", SHIPPED_QUESTION, SHIPPED),
        ("orders shipped to ' OR 1=1 -- in 2024", SHIPPED_QUESTION, SHIPPED),
        # another kind of constant
        ("orders shipped to Germany in March", SHIPPED_QUESTION, SHIPPED),
        ("orders shipped to Germany in 12", SHIPPED_QUESTION, SHIPPED),
        ("orders shipped to Germany in 2024-05-01", SHIPPED_QUESTION, SHIPPED),
        ("orders over 10.5", "orders over 10", "SELECT id FROM orders WHERE amount > 10"),
        ("orders on 2025-02-30", "orders on 2024-02-01", "SELECT id FROM orders WHERE shipped_on = '2024-02-01'"),
        # a constant that follows from another one
        (
            "orders in 2025 and the year before", "orders in 2024 and the year before",
            "SELECT sum(strftime('%Y', shipped_on) = '2024'), sum(strftime('%Y', shipped_on) = '2023') FROM orders",
        ),
        ("orders since 2025", "orders since 2024", "SELECT id FROM orders WHERE shipped_on >= '2024-01-01'"),
        ("last 60 days", "last 30 days", "SELECT id FROM orders WHERE shipped_on >= '2026-10-22'"),
        ("over 20 percent", "over 10 percent", "SELECT id FROM orders WHERE amount > 0.1"),
        # a constant that the SQL holds twice, or the question says twice
        (
            "orders over 7", "orders over 5",
            "SELECT id FROM orders WHERE amount > 5 AND id IN (SELECT id FROM orders WHERE amount > 5)",
        ),
        ("top 7 of orders over 7", "top 5 of orders over 5", "SELECT id FROM orders WHERE amount > 5 LIMIT 5"),
        # a place that is no comparison
        ("amounts times 3", "amounts times 2", "SELECT amount * 2 FROM orders"),
        # something that nobody said and that may go with the value
        (
            "orders of France in local money", "orders of Germany in local money",
            "SELECT id FROM orders WHERE country = 'Germany' AND status = 'EUR'",
        ),
        # what the result says of the constant would stay
        (
            "total of France", "total of Germany",
            "SELECT sum(CASE WHEN country = 'Germany' THEN amount END), CASE WHEN 1 = 1 THEN 'in Germany' END "
            "FROM orders",
        ),
        (
            "orders of 2025", "orders of 2024",
            f"SELECT count(*) AS orders_2024 FROM orders WHERE {YEAR_2024}",
        ),
        (
            "orders of France", "orders of United Kingdom",
            "SELECT count(*) AS united_kingdom FROM orders WHERE country = 'United Kingdom'",
        ),
        # whose column it is cannot be told
        (
            "customers of France", "customers of Germany",
            "SELECT count(*) FROM orders AS o JOIN customers AS c ON c.id = o.customer_id WHERE country = 'Germany'",
        ),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_no_match(question: str, known: str, sql: str) -> None:
    assert exchanged(question, known, sql) is None


def test_two_ways_to_read_the_slots_are_none() -> None:
    sql = "SELECT id FROM orders WHERE country = 'Germany' AND status = 'paid'"
    values = MemoryValueIndex([("orders", "country", name) for name in ("A", "A B", "Germany")]
                              + [("orders", "status", name) for name in ("C", "B C", "paid")])  # fmt: skip
    tree = parse_one(sql, dialect="sqlite")
    one, two = (same_with_other_constants(question, "orders Germany paid", tree, SCHEMA, values)
                for question in ("orders A C", "orders A B C"))  # fmt: skip
    assert (one and one.swaps, two) == ((("Germany", "A"), ("paid", "C")), None)


def test_what_is_exchanged_stays_a_constant() -> None:
    index = MemoryValueIndex([("orders", "country", "x' OR 'y")])
    tree = parse_one("SELECT id FROM orders WHERE country = 'Germany'", dialect="sqlite")
    found = same_with_other_constants("to x' OR 'y", "to Germany", tree, SCHEMA, index)
    assert found is not None
    assert found.tree.sql("sqlite").endswith("country = 'x'' OR ''y'")


def test_a_long_question_costs_little() -> None:
    question = "orders shipped to " + "Germany " * 5_000 + "in 2024"
    assert exchanged(question) is None
