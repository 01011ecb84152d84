"""The workers: whether somebody answers for each queue of questions, and how a worker ends in time."""

import os
import threading

import structlog
from celery import current_app

from apps.common.errors import Unavailable
from apps.llm import slots
from apps.queries.services import ring
from apps.queries.work.leases import give_back_all
from apps.queries.work.queues import MODEL_QUESTIONS, QUESTIONS

log = structlog.get_logger(__name__)
ANSWER_SECONDS = 1.0


def check_workers() -> str:
    """How many workers answer. Raises Unavailable if none does, or if nobody serves a queue of questions."""
    answers = current_app.control.inspect(timeout=ANSWER_SECONDS).active_queues() or {}
    if not answers:
        raise Unavailable("No worker answers.")
    served = {queue["name"] for queues in answers.values() for queue in queues}
    missing = [queue for queue in (QUESTIONS, MODEL_QUESTIONS) if queue not in served]
    if missing:
        raise Unavailable(f"No worker serves {', '.join(missing)}.")
    return f"{len(answers)} answer"


def end_in_time(seconds: float) -> None:
    """From now on this process has so long to finish its queries; then it gives back the rest and is gone.

    Threads that wait for a model cannot be ended, and ending would wait for them.
    """
    threading.Thread(target=_end_after, args=(seconds,), name="ending", daemon=True).start()


def _end_after(seconds: float) -> None:
    threading.Event().wait(seconds)
    given = []
    try:
        given = give_back_all()
        for query in given:
            ring(query)
        slots.give_back_all()
    except Exception:  # what is not given back loses its lease and is found by the sweeper
        log.exception("queries_not_given_back")
    log.warning("worker_ended_early", given_back=len(given))
    os._exit(0)
