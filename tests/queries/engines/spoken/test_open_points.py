"""Open points of the grammar on a clinic and on the small sample: what is open, and what words settle."""

import random
from pathlib import Path

import pytest

from apps.clarification.readings import ChoiceField, Reading
from apps.queries.context import Context
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.engines.builtin.spoken import spoken_readings

from .clinic import ask, rows_of
from .office import Company
from .test_garbled import garbled
from .trades import TODAY

Point = tuple[str, str]
CLINIC: dict[str, tuple[Point, list[str]]] = {
    "How many visits were there recently?": (
        ("time_range", "recently"), ["Last 30 days", "Last 12 months", "2026 so far"],
    ),
    "Show the trend of turnover billed": (
        ("time_range", "trend"), ["All time", "All of 2025", "2026 so far"],
    ),
    "Who are the best doctors?": (
        ("metric", "best doctors"), ["By billed turnover", "By settled turnover", "By number of visits"],
    ),
    "How many active doctors are there?": (
        ("filter", "active"), ["Not retired", "With visits in the last 12 months"],
    ),
    "The two oldest patients in Leicester and York": (("scope", "two"), ["Two in all", "Two of each"]),
    "How many patients in Leicester and York without a phone are there?": (
        ("attachment", "without a phone"), ["Leicester and York", "Only York"],
    ),
    "How many visits were admitted and discharged in 2025?": (
        ("attachment", "in 2025"), ["Both admitted and discharged", "Only discharged"],
    ),
}  # fmt: skip
SAMPLE: dict[str, tuple[Point, list[str]]] = {
    "Show me the last orders": (("time_range", "last"), ["Last 30 days", "Last 12 months", "2026 so far"]),
    "How have orders developed lately?": (("time_range", "lately"), ["Last 30 days", "Last 12 months", "2026 so far"]),
    "Who are our three best customers?": (
        ("metric", "three best customers"), ["By invoiced revenue", "By received revenue", "By number of orders"],
    ),
    "Who are our best suppliers?": (("metric", "best suppliers"), ["By rating", "By number of products"]),
    "Which three products sell best?": (("metric", "sell best"), ["By quantity", "By number of order items"]),
    "top 5 customers by revenue": (("metric", "revenue"), ["By invoiced revenue", "By received revenue"]),
    "List the good suppliers": (("filter", "good"), ["Rating above the average", "Rating of 4 or more"]),
    "Which customers are inactive?": (
        ("filter", "inactive"), ["Status is not active", "Without orders in the last 12 months"],
    ),
    "How many small orders were placed in 2025?": (
        ("filter", "small"), ["Order value below the average", "Order value under half the average"],
    ),
    "What is the total amount of unpaid invoices?": (
        ("filter", "unpaid"), ["Not paid", "Open", "Partly paid", "Written off"],
    ),
    "List all firms": (("entity", "firms"), ["Suppliers", "Customers"]),
    "How many orders were there by country?": (
        ("dimension", "country"), ["Ship country", "Country of the customer"],
    ),
    "What is the total lifetime value of the customers in Germany?": (
        ("calculation", "lifetime value"), ["As recorded", "Computed now"],
    ),
}  # fmt: skip
SETTLED_IN_THE_CLINIC = (
    "How long does a discharge take?",
    "How many visits were admitted in 2025?",
    "Which doctor has the highest salary?",
    "Top 2 doctors by number of visits",
    "How many patients in Leicester or York have no phone?",
    "How many visits were admitted recently in 2025?",
)
SETTLED_IN_THE_SAMPLE = (
    "How many customers signed up in 2024?",
    "How many orders were placed by customers in Germany in 2025?",
    "What was the invoiced amount in March 2026?",
    "How many German and French customers are there?",
    "What was our invoiced revenue in 2025?",
    "Which supplier has the highest rating?",
    "Top 5 products by list price",
    "How many active suppliers are there?",
    "List the names of the five customers with the highest lifetime value",
    "List the last names of employees",
    "What are the three most expensive products in each category?",
    "How many customers are there in each country?",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder: Path = tmp_path_factory.mktemp("company")
    return Company("sample", folder)


def of_the_sample(question: str, company: Company) -> tuple[Reading, ...]:
    return spoken_readings(analyze(Context(question, company.schema, company.values, TODAY)))


def offered(readings: list[Reading] | tuple[Reading, ...], point: Point) -> list[str]:
    """The labels at a point, each once, in the order of the readings."""
    field, phrase = ChoiceField(point[0]), point[1]
    found = [one.label for reading in readings for one in reading.choices if (one.field, one.phrase) == (field, phrase)]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("question", CLINIC)
def test_an_open_word_is_offered_with_what_the_data_tells(question: str) -> None:
    point, labels = CLINIC[question]
    readings = ask(question)
    assert offered(readings, point) == labels
    assert len(readings) == len(labels)


@pytest.mark.parametrize("question", SETTLED_IN_THE_CLINIC)
def test_words_that_settle_it_leave_nothing_open(question: str) -> None:
    assert [choice for reading in ask(question) for choice in reading.choices] == []
    assert len(ask(question)) == 1


def test_each_meaning_brings_its_own_rows() -> None:
    both, only = ask("How many patients in Leicester and York without a phone are there?")
    assert (rows_of(both), rows_of(only)) == ([(2,)], [(3,)])
    together, of_each = ask("The two oldest patients in Leicester and York")
    assert [name for (name,) in rows_of(together)] == ["Dana Frost", "Eli Novak"]
    assert [row[1] for row in rows_of(of_each)] == ["Dana Frost", "Finn Abara", "Eli Novak"]
    by_turnover, by_settled, _ = ask("Who are the best doctors?")
    assert (rows_of(by_turnover)[0], rows_of(by_settled)[0]) == (("Ada Quill",), ("Ben Okoro",))


@pytest.mark.parametrize("question", SAMPLE)
def test_an_open_word_of_the_sample_is_offered_with_what_the_data_tells(question: str, company: Company) -> None:
    point, labels = SAMPLE[question]
    readings = of_the_sample(question, company)
    assert offered(readings, point) == labels
    assert len({one.tree.sql() for one in readings}) == len(readings) > 1


@pytest.mark.parametrize("question", SETTLED_IN_THE_SAMPLE)
def test_words_that_settle_it_leave_nothing_open_in_the_sample(question: str, company: Company) -> None:
    assert [choice for reading in of_the_sample(question, company) for choice in reading.choices] == []


def test_garbled_questions_part_at_the_same_points_and_run(company: Company) -> None:
    asked = [*SAMPLE, *SETTLED_IN_THE_SAMPLE]
    others = [word for question in [*asked, *CLINIC] for word in question.split()]
    dice = random.Random("open points")
    read = 0
    for _ in range(120):
        question = garbled(dice.choice(asked).split(), others, dice)
        readings = of_the_sample(question, company)
        read += bool(readings)
        points = [{choice.point for choice in reading.choices} for reading in readings]
        assert all(one == points[0] for one in points), question
        assert len({reading.tree.sql("sqlite") for reading in readings}) == len(readings), question
        for reading in readings:
            company.connection.execute(reading.tree.sql("sqlite")).fetchmany(5)
    assert read > 12
