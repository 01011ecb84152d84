"""What is said where no answer is given: what the data knows of the question, what it does not, what to try."""

import pytest

from apps.queries.context import Context, Turn
from apps.queries.engines.builtin import triage
from apps.queries.engines.builtin.declining import declined, is_not_in_data, turned_away

from .shop import TODAY, VALUES, shop

WHY = "I am not sure enough."


def context(question: str, *history: Turn) -> Context:
    return Context(question, shop(), VALUES, TODAY, history)


@pytest.mark.parametrize(
    ("question", "known", "unknown"),
    [
        ("What is the churn of customers from Germany?", "customers and “Germany”", "“churn”"),
        ("Which products like football?", "products", "“football”"),
        ("How many orders did Zork place?", "orders", "“Zork”"),
        ("How many customers churned last quarter?", "customers", "“churned”"),
    ],
)
def test_it_names_what_was_found_and_what_was_not(question: str, known: str, unknown: str) -> None:
    said = declined(context(question), why=WHY)
    assert said.startswith(f"I found {known}, but nothing that says {unknown}.")
    assert is_not_in_data(context(question))


def test_known_words_that_no_reading_fits_are_told_from_unknown_ones() -> None:
    said = declined(context("orders customers products"), why=WHY)
    assert said == f"I found orders, customers and products, but {WHY} Try it in fewer words, one thing at a time."
    assert not is_not_in_data(context("How many orders are there?"))


def test_a_question_that_names_nothing_is_told_what_there_is() -> None:
    said = declined(context("What is the weather like?"), why=WHY)
    assert said.startswith("I found nothing in the data that this question names.")
    assert said.endswith("Ask about what the data holds: customers, products, orders.")


@pytest.mark.parametrize("question", ["", "?!", "haha i love that show, do you watch it too?"])
def test_talk_is_told_what_to_ask_about(question: str) -> None:
    said = turned_away(context(question), triage(context(question)))
    assert said.startswith("This is no question about the data. Ask about what the data holds: customers")


def test_a_wish_to_change_data_is_told_what_can_be_asked() -> None:
    said = turned_away(context("Delete all orders"), triage(context("Delete all orders")))
    assert "never changes anything" in said
    assert said.endswith("You can ask which rows such a change would touch.")


def test_a_follow_up_is_judged_by_the_question_that_it_means() -> None:
    before = Turn("How many customers are from Germany?", "SELECT COUNT(*) FROM customers WHERE country = 'Germany'")
    assert triage(context("and from France?", before)).kind == "answerable"
    assert not is_not_in_data(context("and from France?", before))
