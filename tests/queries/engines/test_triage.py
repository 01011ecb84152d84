import pytest

from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context
from apps.queries.engines.builtin import TriageKind, triage

from .shop import TODAY, VALUES, shop


def kind_of(question: str) -> TriageKind:
    return triage(Context(question, shop(), VALUES, TODAY)).kind


@pytest.mark.parametrize(
    "question", ["Delete all orders", "please raise every price by 5", "Can you update the customers?"]
)
def test_wishes_to_change_data_are_change_requests(question: str) -> None:
    assert kind_of(question) is TriageKind.CHANGE_REQUEST


@pytest.mark.parametrize(
    "question", ["How many orders were changed?", "What was our revenue last year?", "Show customers from Germany"]
)
def test_questions_about_the_data_are_neither_talk_nor_change(question: str) -> None:
    assert kind_of(question) not in (TriageKind.SMALL_TALK, TriageKind.CHANGE_REQUEST)


def test_a_greeting_is_small_talk() -> None:
    assert triage(Context("", shop(), MemoryValueIndex(()), TODAY)).kind is TriageKind.SMALL_TALK
    assert kind_of("haha i love that show, do you watch it too?") is TriageKind.SMALL_TALK
