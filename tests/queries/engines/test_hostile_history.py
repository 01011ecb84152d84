"""Follow-ups to SQL of every shape, good and bad: read without an error, soon, and what is read runs."""

import sqlite3
import time
from pathlib import Path

import pytest

from apps.datasources.guard import UnsafeSql
from apps.queries.context import Context, Turn
from apps.queries.engines.builtin import propose_readings, triage
from apps.queries.engines.builtin.declining import declined
from apps.queries.engines.builtin.engine import leaning_readings

from .spoken.office import Company
from .spoken.trades import TODAY

LONGEST_SECONDS = 2.0
EVERY = 3  # each shape meets every third follow-up: all take a minute
SHAPES = (
    "SELECT COUNT(*) FROM orders",
    "SELECT T1.name, COUNT(*) FROM customers AS T1 JOIN orders AS T2 ON T1.id = T2.customer_id GROUP BY T1.id LIMIT 3",
    "SELECT name FROM customers UNION SELECT name FROM suppliers",
    "WITH big AS (SELECT * FROM orders WHERE order_value > 100) SELECT channel, COUNT(*) FROM big GROUP BY channel",
    "SELECT a.name FROM (SELECT name, country FROM customers) AS a WHERE a.country = 'Germany'",
    "SELECT name, RANK() OVER (ORDER BY list_price DESC) FROM products",
    "SELECT *, 1 + 1 FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.id IS NULL OR c.id < 5",
    "SELECT DISTINCT country FROM customers ORDER BY 1 LIMIT 5 OFFSET 2",
    "SELECT CASE WHEN list_price > 50 THEN 'dear' ELSE 'low' END AS kind, AVG(list_price) FROM products GROUP BY kind",
    "SELECT 1", "SELECT MAX(salary) FROM employees", "SELECT", "DROP TABLE customers", "'; --", "(" * 3_000,
    "SELECT e.name FROM employees e JOIN employees m ON e.manager_id = m.id WHERE m.name LIKE 'T%'",
    "SELECT name FROM nowhere WHERE x = 2025", "SELECT count(*) FROM orders, customers WHERE ordered_at LIKE '2025%'",
    "SELECT strftime('%Y', ordered_at) AS y, SUM(order_value) FROM orders WHERE ordered_at >= '2025-01-01' GROUP BY y",
)  # fmt: skip
FOLLOW_UPS = (
    "why?", "undo that", "the other way round", "in descending order", "top 5 only", "how many is that?", "list them",
    "and the average?", "as a share", "compare with the year before", "only Germany", "without Germany", "by month",
    "per city instead", "and in 2024?", "and more than 90?", "which of them are from Spain?", "their names too",
    "how many orders does each of them have?", "who was that?", "no, I meant delivered", "sort them by name",
    "which one is the largest?", "what about them", "and", "?", "those those those", "of them of them", "by by by",
    "from tallest to shortest", "no, no, no", "i meant", "only " * 60, "top 99999999999999999999", "-- their; DROP",
)  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return Company("sample", tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_whatever_was_answered_before_a_follow_up_is_read_and_runs(sample: Company, shape: str) -> None:
    history = (Turn("How many?", "SELECT COUNT(*) FROM customers"), Turn("And now?", shape, ("One thing.",)))
    for question in FOLLOW_UPS[SHAPES.index(shape) % EVERY :: EVERY]:
        context = Context(question, sample.schema, sample.values, TODAY, history)
        started = time.thread_time()
        assert triage(context).kind
        assert declined(context, why="it is not sure.")
        readings = propose_readings(context)
        assert time.thread_time() - started < LONGEST_SECONDS, question
        for reading in readings[:2]:
            if reading.score >= 0.3:
                _runs(sample, reading.tree.sql("sqlite"), question)


def _runs(sample: Company, sql: str, question: str) -> None:
    """What is refused is refused by the guard; what it lets through is valid SQL."""
    try:
        safe = sample.check(sql)
    except UnsafeSql:
        return
    try:
        sample.run(safe)
    except Exception as error:
        pytest.fail(f"{question}: {sql}: {error}")


@pytest.mark.parametrize("shape", [SHAPES[0], SHAPES[2], SHAPES[3]])
def test_an_answer_of_any_shape_is_explained_by_itself(sample: Company, shape: str) -> None:
    turns = (Turn("How many?", shape, ("You chose “Received” for “revenue”: sum of payments.amount.",)),)
    (reading,) = propose_readings(Context("why?", sample.schema, sample.values, TODAY, turns))
    again = sample.connection.execute(reading.tree.sql("sqlite")).fetchall()
    assert again == sample.connection.execute(shape).fetchall()
    told = " ".join(reading.assumptions)
    assert "“How many?”" in told
    assert "You chose “Received”" in told
    assert "It reads" in told


NEW_QUESTIONS = (
    "How many customers are there?", "Total order value by month", "What is the average salary of employees?",
    "Which employees earn more than their manager?", "Products that cost more than 50 by category",
    "Which products have a list price above the average list price?", "How many orders were placed in 2025?",
)  # fmt: skip


@pytest.mark.parametrize("question", NEW_QUESTIONS)
def test_a_question_of_its_own_does_not_lean(sample: Company, question: str) -> None:
    turns = (Turn("How many suppliers are from Spain?", "SELECT COUNT(*) FROM suppliers WHERE country = 'Spain'"),)
    assert leaning_readings(Context(question, sample.schema, sample.values, TODAY, turns)) is None


def test_what_leans_on_nothing_is_read_by_itself(sample: Company) -> None:
    for history in ((), (Turn("Hello", None),), (Turn("Odd", "SELECT 1 +"),)):
        context = Context("How many customers are there?", sample.schema, sample.values, TODAY, history)
        assert leaning_readings(context) is None
        assert propose_readings(context)[0].tree.sql("sqlite").startswith("SELECT COUNT(*)")


def test_the_rows_of_an_earlier_answer_are_the_only_ones_looked_at(sample: Company, tmp_path: Path) -> None:
    """The oldest of some is not the oldest of all, nor is their average that of everybody."""
    earlier = Turn("Who earns less than 60000?", "SELECT e.name FROM employees AS e WHERE e.salary < 60000")
    connection: sqlite3.Connection = sample.connection
    for question, wanted in {
        "which of them has the highest salary?": (
            "SELECT name FROM employees WHERE salary < 60000 ORDER BY salary DESC LIMIT 1"
        ),
        "what is their average salary?": "SELECT AVG(salary) FROM employees WHERE salary < 60000",
        "how many of them are there?": "SELECT COUNT(*) FROM employees WHERE salary < 60000",
    }.items():  # fmt: skip
        context = Context(question, sample.schema, sample.values, TODAY, (earlier,))
        found = connection.execute(propose_readings(context)[0].tree.sql("sqlite")).fetchall()
        assert [row[0] for row in found] == [row[0] for row in connection.execute(wanted)], question
