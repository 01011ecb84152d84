"""A client for the calls of one query, under this installation's settings."""

from collections.abc import Callable

from django.conf import settings

from apps.llm.calls import CallRecord
from apps.llm.client import KeptAnswers, ModelClient
from apps.llm.retrying import Clock, RetryPolicy


def client_until(
    deadline: float,
    *,
    record_call: Callable[[CallRecord], None],
    correlation_id: str = "",
    kept: KeptAnswers | None = None,
) -> ModelClient:
    """A client whose calls all end by `deadline` (on `time.monotonic`) and are all told to `record_call`.

    Without `kept`, every call is made.
    """
    return ModelClient(
        clock=Clock(deadline),
        record_call=record_call,
        correlation_id=correlation_id,
        timeout_seconds=settings.PARLEY.model_timeout_seconds,
        most_tokens=settings.PARLEY.model_tokens_per_question,
        kept=kept,
        policy=RetryPolicy(retries=settings.PARLEY.model_max_retries),
    )
