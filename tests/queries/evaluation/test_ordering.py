"""What a known SQL says about the order of its rows, and where ties in it can be seen."""

import pytest

from apps.queries.evaluation.ordering import is_ordered, ranking_of


@pytest.mark.parametrize(
    ("sql", "ordered"),
    [
        ("SELECT a FROM t ORDER BY a", True),
        ("SELECT a FROM t UNION SELECT b FROM u ORDER BY 1", True),
        ("WITH x AS (SELECT a FROM t ORDER BY a) SELECT a FROM x", False),
        ("SELECT a FROM (SELECT a FROM t ORDER BY a) AS x", False),
        ("SELECT rank() OVER (ORDER BY a) FROM t", False),
        ("SELECT ' order by ' FROM t", False),
        ("SELECT a FROM t -- ORDER BY a", False),
        ("SELECT a FROM t ORDER BY (", False),
    ],
)
def test_only_the_outermost_order_counts(sql: str, ordered: bool) -> None:
    assert is_ordered(sql) is ordered


@pytest.mark.parametrize(
    ("sql", "whole", "keys", "offset", "count"),
    [
        ("SELECT a FROM t ORDER BY a LIMIT 3", "SELECT a FROM t ORDER BY a", (0,), 0, 3),
        ("SELECT a FROM t ORDER BY b DESC", "SELECT a, b AS key_0 FROM t ORDER BY b DESC", (-1,), 0, None),
        (
            "SELECT a AS x, c FROM t ORDER BY b, x, 2 LIMIT 5 OFFSET 2",
            "SELECT a AS x, c, b AS key_0 FROM t ORDER BY b, x, 2", (-1, 0, 1), 2, 5,
        ),
        ("SELECT * FROM t ORDER BY a + 1", "SELECT *, a + 1 AS key_0 FROM t ORDER BY a + 1", (-1,), 0, None),
        ("SELECT DISTINCT a FROM t ORDER BY a", "SELECT DISTINCT a FROM t ORDER BY a", (0,), 0, None),
        ("SELECT a FROM t LIMIT 2", "SELECT a FROM t", (), 0, 2),
        ("SELECT a FROM t GROUP BY a ORDER BY count(*)", None, (-1,), 0, None),
    ],
)  # fmt: skip
def test_the_keys_are_looked_at_beside_the_result(
    sql: str, whole: str | None, keys: tuple[int, ...], offset: int, count: int | None
) -> None:
    found = ranking_of(sql)
    assert found is not None
    assert whole in (None, found.sql)
    assert (found.keys, found.offset, found.count) == (keys, offset, count)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t",
        "SELECT DISTINCT a FROM t ORDER BY b",
        "SELECT a FROM t UNION SELECT b FROM u ORDER BY a + 1",
        "SELECT a FROM t ORDER BY a LIMIT (SELECT 1)",
        "SELECT a FROM t ORDER BY 7",
        "SELECT * FROM t ORDER BY 1",
        "not sql",
    ],
)
def test_where_ties_cannot_be_seen_it_says_so(sql: str) -> None:
    assert ranking_of(sql) is None


def test_a_limit_of_sql_server_is_one_too() -> None:
    found = ranking_of("SELECT TOP 3 a FROM t ORDER BY b", "tsql")
    assert found is not None
    assert found.count == 3
    assert "TOP" not in found.sql
