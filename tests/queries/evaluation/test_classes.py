"""A question's class and difficulty follow from the shape of its known SQL."""

import pytest

from apps.queries.evaluation.classes import class_of, difficulty_of

SHAPES = [
    ("SELECT name FROM people WHERE age > 30 AND city = 'Bern'", "one table, flat", "medium"),
    ("SELECT count(*) FROM people", "one table, flat", "easy"),
    ("SELECT name FROM people ORDER BY age DESC LIMIT 1", "order, one table", "medium"),
    ("SELECT name FROM people WHERE age = 1 OR age = 2", "or, like, between", "medium"),
    ("SELECT name FROM people WHERE name LIKE 'A%'", "or, like, between", "medium"),
    ("SELECT p.name FROM people AS p JOIN towns AS t ON p.town = t.id ORDER BY t.name", "join, flat", "medium"),
    ("SELECT p.name FROM people AS p JOIN towns AS t ON p.town = t.id OR t.id = 1", "join, flat", "easy"),
    ("SELECT city, count(*) FROM people GROUP BY city", "group", "medium"),
    ("SELECT city FROM people GROUP BY city ORDER BY count(*) DESC LIMIT 3", "group, ordered", "hard"),
    ("SELECT city FROM people GROUP BY city HAVING count(*) > 2 ORDER BY city", "having", "medium"),
    ("SELECT name FROM people WHERE age > (SELECT avg(age) FROM people)", "nested query", "hard"),
    ("SELECT a FROM (SELECT a FROM t) AS x", "nested query", "easy"),
    ("SELECT name FROM people INTERSECT SELECT name FROM towns", "set operation", "hard"),
    (
        "SELECT name FROM people WHERE age IN (SELECT age FROM t UNION SELECT age FROM u) ORDER BY name",
        "set operation", "extra",
    ),
    ("SELECT name FROM people WHERE (", "not readable", None),
    ("DROP TABLE people", "not readable", None),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "expected", "difficulty"), SHAPES)
def test_the_shape_of_the_sql_says_it(sql: str, expected: str, difficulty: str | None) -> None:
    assert (class_of(sql), difficulty_of(sql)) == (expected, difficulty)


def test_a_dialect_is_read_as_it_is_written() -> None:
    assert class_of("SELECT name FROM people WHERE name ~~ 'A%'", "postgres") == "or, like, between"
    assert class_of("SELECT TOP 3 [name] FROM people ORDER BY age", "tsql") == "order, one table"


def test_sql_that_is_nested_too_deeply_to_read_is_no_crash() -> None:
    deep = "SELECT " + "(" * 5_000 + "1" + ")" * 5_000
    assert class_of(deep) == "not readable"
    assert difficulty_of(deep) is None
