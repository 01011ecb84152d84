"""Cue words at their places, held against what a plan does with them."""

import pytest

from apps.queries.context import Context
from apps.queries.engines.builtin.alignment import alignment_features
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.engines.builtin.assignments import Assignment
from apps.queries.engines.builtin.compose import Candidate
from apps.queries.engines.builtin.evidence import weigh
from apps.queries.engines.builtin.model import default_model
from apps.queries.engines.builtin.plan import COUNT_ROWS, Aggregate, Item, Order, Plan
from apps.queries.engines.builtin.shape import Shape, is_consistent, shape_of
from apps.queries.engines.builtin.wording import wording_of

from .shop import TODAY, VALUES, shop

NAME, PRICE, BUYER = ("products", "name"), ("products", "price"), ("customers", "name")


def features(question: str, plan: Plan) -> dict[str, float]:
    evidence = weigh(analyze(Context(question, shop(), VALUES, TODAY)), default_model())
    candidate = Candidate(plan, shape_of(plan), Assignment())
    return alignment_features(candidate, evidence, wording_of(evidence))


def first_by_price(*, descending: bool) -> Plan:
    return Plan((Item(NAME),), order=(Order(Item(PRICE), descending),), limit=1)


@pytest.mark.parametrize(("word", "descending"), [("highest", True), ("lowest", False)])
def test_the_first_row_follows_the_superlative_beside_its_column(word: str, descending: bool) -> None:
    question = f"What is the name of the product with the {word} price?"

    assert "first near agrees" in features(question, first_by_price(descending=descending))
    assert "first near disagrees" in features(question, first_by_price(descending=not descending))


def test_a_limit_without_a_superlative_is_told() -> None:
    assert "first without superlative" in features("Show the names of products.", first_by_price(descending=True))


def test_at_least_is_no_superlative() -> None:
    assert "superlative by nothing" not in features("Products with a price of at least 5", Plan((Item(NAME),)))


def test_a_superlative_that_the_plan_ignores_is_told() -> None:
    found = features("Which product has the highest price?", Plan((Item(NAME),)))

    assert found["superlative by nothing"] == 1


def test_an_average_is_heard_or_not() -> None:
    question = "What is the average price of products?"
    average = features(question, Plan((Item(PRICE, Aggregate.AVG),)))

    assert average["aggregate near"] == 1
    assert any(
        name.startswith("cue avg") and name.endswith("unheard") for name in features(question, Plan((Item(PRICE),)))
    )


def test_each_asks_for_groups() -> None:
    question = "How many customers are there in each country?"
    country = ("customers", "country")

    assert "each grouped" in features(question, Plan((Item(country), COUNT_ROWS), group=(country,)))
    assert "each no group" in features(question, Plan((COUNT_ROWS,), tables=("customers",)))


def test_sums_of_names_and_orders_of_ids_are_told() -> None:
    assert "summed no amount" in features("total of names", Plan((Item(BUYER, Aggregate.SUM),)))
    assert "first by name or id" in features(
        "first product", Plan((Item(NAME),), order=(Order(Item(("products", "id"))),), limit=1)
    )


@pytest.mark.parametrize(
    ("shape", "consistent"),
    [
        (Shape("p", "-", "-", "-", "-", "-", "0"), True),
        (Shape("p", "col", "desc", "1", "-", "not in", "0"), True),
        (Shape("avg", "-", "-", "-", "-", "not in", "0"), True),
        (Shape("p", "-", "-", "1", "-", "-", "0"), False),
        (Shape("p", "col", "-", "-", "-", "-", "0"), False),
        (Shape("p", "count", "desc", "1", "-", "-", "0"), False),
        (Shape("p count", "-", "-", "-", "-", "-", "0"), False),
        (Shape("count", "-", "-", "-", "-", "except", "0"), False),
    ],
)
def test_outlines_that_cannot_stand_are_not_put_together(shape: Shape, consistent: bool) -> None:
    assert is_consistent(shape) is consistent
