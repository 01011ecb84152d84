"""An engine that reads a few questions and no other, so that tests of evaluations do not depend on how good ours is."""

from typing import Any

from sqlglot import parse_one

from apps.clarification.readings import Reading
from apps.queries import engines
from apps.queries.context import Context

SCORE = 0.8
SAID = {
    "How many customers are there?": "SELECT count(*) FROM customers",
    "How many products are there?": "SELECT count(*) FROM products",
    "number of customers by country": "SELECT country, count(*) FROM customers GROUP BY country",
    "How many employees are there?": "SELECT count(*) FROM employees",
    "Delete all customers": "SELECT count(*) FROM customers",
    "How many people are there?": "SELECT count(*) FROM people",
    "How many people are older than 30?": "SELECT count(*) FROM people WHERE age > 30",
    "How many people are there in town?": "SELECT count(*) FROM people",
    "How many people live here?": "SELECT count(*) FROM people",
}


def propose_readings(context: Context, *, engine: str, **options: Any) -> list[Reading]:
    """In the stead of `engines.propose_readings`; a model is asked as ever."""
    if engine != "builtin":
        return engines.propose_readings(context, engine=engine, **options)
    said = SAID.get(context.question)
    return [Reading(parse_one(said, dialect=context.schema.dialect), SCORE)] if said else []
