"""People read a model's plain words: no link, no markup, nothing encoded, and none of our own rules."""

import base64

import pytest

from apps.queries.engines.model.plain_words import is_plain, plain_words
from apps.queries.prompts import prompt, versions
from apps.queries.prompts.repeating import WORDS_IN_A_ROW, repeats_rules

NOT_PLAIN = (
    "See https://evil.example.",
    "At www.evil.example.", "![x](a)", "[here](//evil.example)", "<b>total</b>", "</script>",
    "javascript:alert(1)", "Write to mailto:a@evil.example", "QUJD" * 12,
)  # fmt: skip
PLAIN = (
    "number of orders, by country", "orders with a total < 100", "Data: the orders of 2024", "paid (in full) or [open]",
    "e.g. orders.total, in sales.order_items", "Donaudampfschifffahrtsgesellschaftskapit\u00e4n",
)  # fmt: skip


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_what_is_more_than_words_is_left_out(text: str) -> None:
    assert plain_words(f"Orders of this year. {text}") == "Orders of this year."


@pytest.mark.parametrize("text", PLAIN)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert plain_words(text) == text


@pytest.mark.parametrize("name", sorted(versions()))
def test_no_prompt_is_repeated_as_it_stands_or_encoded(name: str) -> None:
    text = prompt(name).text
    assert repeats_rules(f"It says: {text.upper()}") or len(text.split()) < WORDS_IN_A_ROW
    assert repeats_rules(base64.b64encode(text.encode()).decode()) or len(text.split()) < WORDS_IN_A_ROW
    assert not is_plain(text) or len(text.split()) < WORDS_IN_A_ROW


def test_a_few_words_in_common_with_the_rules_are_no_repetition() -> None:
    assert not repeats_rules("One SELECT statement, number of orders, by country, the likeliest first")
