"""Follow-ups as whole questions: what is exchanged, what is added, what stands on its own."""

import pytest

from apps.queries.context import Context, Turn
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.engines.builtin.continuing import whole_question
from apps.queries.engines.builtin.engine import leaning_readings
from apps.queries.engines.builtin.spoken import spoken_readings

from .shop import TODAY, VALUES, shop
from .spoken.clinic import CLINIC, values_of_the_clinic
from .spoken.clinic import TODAY as CLINICS_TODAY

WORKED_IN = {
    ("How many orders were shipped in 2025?", "and in 2024?"): "How many orders were shipped in 2024",
    ("How many orders were shipped in 2025?", "the same for 2024"): "How many orders were shipped for 2024",
    ("How many orders were shipped in 2025?", "by month"): "How many orders were shipped in 2025 by month",
    ("How many customers are from Germany?", "what about France?"): "How many customers are from France",
    ("How many customers are from Germany?", "without France"): "How many customers are from Germany without France",
    ("Which customers are from Germany?", "how many are there?"): "How many customers are from Germany",
    ("How many customers are there?", "now as a share"): "Share of customers are there",
}
OF_THEIR_OWN = (
    "How many products are there?",
    "What is the average price of products?",
    "Which customers have never placed an order?",
    "",
)


def whole(question: str, *history: Turn) -> str | None:
    return whole_question(analyze(Context(question, shop(), VALUES, TODAY, history)))


@pytest.mark.parametrize(("asked", "expected"), WORKED_IN.items())
def test_the_new_words_find_their_place(asked: tuple[str, str], expected: str) -> None:
    earlier, question = asked
    assert whole(question, Turn(earlier, "SELECT 1")) == expected


@pytest.mark.parametrize("question", OF_THEIR_OWN)
def test_a_question_of_its_own_is_left_alone(question: str) -> None:
    assert whole(question, Turn("How many orders were shipped in 2025?", "SELECT 1")) is None
    assert whole(question) is None


def test_follow_ups_go_on_from_one_another() -> None:
    turns = (Turn("How many orders were shipped in 2025?", "SELECT 1"), Turn("and in 2024?", "SELECT 2"))
    assert whole("by month", *turns) == "How many orders were shipped in 2024 by month"


def test_a_meaning_that_was_chosen_before_stays_chosen() -> None:
    first = Context("What was our turnover in 2025?", CLINIC, values_of_the_clinic(), CLINICS_TODAY)
    for label in ("Billed", "Settled"):
        sql = next(
            one.tree.sql("sqlite")
            for one in spoken_readings(analyze(first))
            if any(choice.label == label for choice in one.choices)
        )
        later = Context("and in 2024?", CLINIC, first.values, CLINICS_TODAY, (Turn(first.question, sql),))
        found = leaning_readings(later)
        assert found is not None
        assert [choice.label for one in found for choice in one.choices] == [label]
