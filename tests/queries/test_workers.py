"""Whether somebody serves each queue of questions."""

from typing import Any

import pytest
from celery import current_app

from apps.common.errors import Unavailable
from apps.queries.work.workers import check_workers

BOTH = {"questions@a": [{"name": "questions"}], "models@a": [{"name": "model_questions"}]}


class Inspecting:
    """What the broker says of the workers."""

    def __init__(self, answers: dict[str, Any] | None) -> None:
        self.answers = answers

    def active_queues(self) -> dict[str, Any] | None:
        return self.answers


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (None, "No worker answers."),
        ({"questions@a": BOTH["questions@a"]}, "No worker serves model_questions."),
        ({"upkeep@a": [{"name": "upkeep"}]}, "No worker serves questions, model_questions."),
    ],
)
def test_a_queue_that_nobody_serves_is_named(
    answers: dict[str, Any] | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_app.control, "inspect", lambda timeout: Inspecting(answers))
    with pytest.raises(Unavailable) as caught:
        check_workers()
    assert caught.value.message == said


def test_workers_of_both_queues_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app.control, "inspect", lambda timeout: Inspecting(BOTH))
    assert check_workers() == "2 answer"
