"""When a learned reading comes along as a second opinion beside the grammar's."""

import pytest
from sqlglot import parse_one

from apps.clarification.readings import Reading
from apps.queries.context import Context
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.engines.builtin.spoken import merged
from tests.queries.engines.shop import TODAY, VALUES, shop

CHEAP = "SELECT name FROM products WHERE price < 20"
PER_COUNTRY = "SELECT country, COUNT(*) FROM customers GROUP BY country"
SHARE = "SELECT 100.0 * SUM(CASE WHEN country = 'Germany' THEN 1 ELSE 0 END) / COUNT(*) FROM customers"


def reading(sql: str, score: float) -> Reading:
    return Reading(parse_one(sql, dialect="sqlite"), score)


def has_second_opinion(spoken: str, learned: str, score: float = 0.8) -> bool:
    analysis = analyze(Context("any question", shop(), VALUES, TODAY))
    readings = merged([reading(spoken, 0.92)], [reading(learned, score)], analysis, 6)
    assert readings[0].tree == parse_one(spoken, dialect="sqlite")
    return any(one.second_opinion for one in readings)


def test_a_sure_reading_of_other_columns_is_one() -> None:
    assert has_second_opinion(CHEAP, "SELECT id FROM products WHERE price < 20")


@pytest.mark.parametrize(
    ("spoken", "learned", "score"),
    [
        pytest.param(CHEAP, "SELECT id FROM products WHERE price < 20", 0.6, id="not sure"),
        pytest.param(CHEAP, CHEAP, 0.9, id="the same"),
        pytest.param(CHEAP, "SELECT name, id FROM products WHERE price < 20", 0.9, id="only more columns"),
        pytest.param(CHEAP, "SELECT id FROM products", 0.9, id="a condition left out"),
        pytest.param(PER_COUNTRY, "SELECT COUNT(*) FROM customers", 0.9, id="a group left out"),
        pytest.param(SHARE, "SELECT name FROM customers WHERE country = 'Germany'", 0.9, id="beyond its outlines"),
    ],
)
def test_doubt_and_what_the_grammar_alone_heard_are_none(spoken: str, learned: str, score: float) -> None:
    assert not has_second_opinion(spoken, learned, score)
