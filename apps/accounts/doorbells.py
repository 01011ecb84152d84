"""Waking a worker for tasks of accounts."""

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def wake(task: str, *arguments: str) -> None:
    """Ring for a task, by name, once this transaction is committed. With the broker away, whoever waits asks again."""

    def ring() -> None:
        try:
            current_app.tasks[task].apply_async(arguments, retry=False)
        except (OperationalError, OSError) as error:
            log.warning("doorbell_failed", task=task, error=type(error).__name__)

    transaction.on_commit(ring)
