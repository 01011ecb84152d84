"""Talk around questions is told from questions, also from those that are short."""

import pytest

from apps.queries.engines.builtin.pleasantries import is_pleasantry

TALK = (
    "Thanks for your help!", "That's all I need, thanks.", "ok", "No.", "Perfect, that is what I wanted",
    "Let me think",
    "You're awesome", "you are great", "How are you today?", "What do you think about it?", "Can you help me?",
    "Who is your favourite singer?", "Can you tell me a joke?", "Not really", "That's interesting!", "Good morning",
)  # fmt: skip
QUESTIONS = (
    "Can you help me find customers from Germany?", "What is your total revenue?", "why?", "are you sure?",
    "only Germany",
    "How are you calculating that?", "list them", "What do customers think?", "top 5", "", "?!", "all orders",
    "right rear tyre",
    "Which employees are good at sales?", "no, I meant delivered", "thanks giving orders in 2025 by month",
)  # fmt: skip


@pytest.mark.parametrize("said", TALK)
def test_talk_is_no_question(said: str) -> None:
    assert is_pleasantry(said)


@pytest.mark.parametrize("said", QUESTIONS)
def test_questions_and_follow_ups_are_no_talk(said: str) -> None:
    assert not is_pleasantry(said)
