"""Whether anybody answers: workers asked over the broker."""

from celery import current_app

from apps.common.errors import Unavailable

ANSWER_SECONDS = 1.0


def check_workers() -> str:
    """How many workers answer a ping. Raises Unavailable if none does."""
    answers = current_app.control.inspect(timeout=ANSWER_SECONDS).ping() or {}
    if not answers:
        raise Unavailable("No worker answers.")
    return f"{len(answers)} answer"
