"""What an exception of the openai package or of the connection means: our error, and whether another attempt may help.

No Django here.
"""

from dataclasses import dataclass
from math import ceil

import openai

from apps.llm.errors import (
    KeyNotAccepted,
    ModelBusy,
    ModelError,
    ModelFailing,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    ShapeNotTaken,
)
from apps.llm.exchange import TIMEOUTS
from apps.llm.retrying import RETRIED_STATUSES, asked_pause
from apps.llm.streaming import StreamFailed

SHAPE_WORDS = ("response_format", "json_schema", "structured output", "tool_choice", "tools", "function call")
REFUSALS = {
    403: "The model's endpoint does not let us in.",
    404: "The model's endpoint does not know the model, or its address is wrong.",
}


@dataclass(frozen=True)
class Failure:
    """`asked_seconds` is the pause that the endpoint asked for, if it did."""

    error: ModelError
    may_retry: bool
    asked_seconds: float | None = None


def failure_of(error: Exception) -> Failure:
    """Read one exception of `exchange`."""
    if isinstance(error, openai.APIStatusError):
        return _of_status(error)
    if isinstance(error, (openai.APITimeoutError, *TIMEOUTS)):
        return Failure(ModelTimeout("The model did not answer in time."), may_retry=True)
    if isinstance(error, StreamFailed):
        return Failure(ModelFailing("The model's endpoint has a fault."), may_retry=True)
    return Failure(ModelUnavailable("The model's endpoint cannot be reached."), may_retry=True)


def _of_status(error: openai.APIStatusError) -> Failure:
    status = error.status_code
    if status == 429 or status in RETRIED_STATUSES:
        return _passing(status, asked_pause(error.response.headers))
    if status >= 500:
        return Failure(ModelFailing("The model's endpoint has a fault."), may_retry=False)
    if status in (400, 422) and any(word in str(error.body).lower() for word in SHAPE_WORDS):
        return Failure(ShapeNotTaken("The model's endpoint takes no schema."), may_retry=False)
    if status == 401:
        return Failure(KeyNotAccepted("The model's endpoint does not accept the key."), may_retry=False)
    return Failure(ModelRefused(REFUSALS.get(status, "The model's endpoint refuses the call.")), may_retry=False)


def _passing(status: int, pause: float | None) -> Failure:
    """A fault that may be over after a pause, as long as the endpoint asked for one."""
    seconds = ceil(pause or 0) or None
    if status == 429:
        busy = ModelBusy("The model's endpoint takes no more calls for now.", retry_after_seconds=seconds)
        return Failure(busy, may_retry=True, asked_seconds=pause)
    failing = ModelFailing("The model's endpoint has a fault.", retry_after_seconds=seconds)
    return Failure(failing, may_retry=True, asked_seconds=pause)
