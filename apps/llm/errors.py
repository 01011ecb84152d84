"""What can go wrong with a model. Messages hold no key, no address, no prompt and no word of the model.

No Django here.
"""

from typing import ClassVar

from apps.common.errors import AppError
from apps.llm.calls import CallOutcome


class ModelError(AppError):
    """A model could not be used. `outcome` is how the call stands on record."""

    code = "model_error"
    status = 502
    outcome: ClassVar[CallOutcome] = CallOutcome.FAILED


class ModelFailing(ModelError):
    """The endpoint answers with errors of its own, however often it is asked."""

    code = "model_failing"
    status = 503


class ModelUnavailable(ModelError):
    """The endpoint cannot be reached, or hangs up."""

    code = "model_unavailable"
    status = 503
    outcome = CallOutcome.UNREACHABLE


class ModelBusy(ModelError):
    """The endpoint takes no more calls for now; `retry_after_seconds` is what it asked for."""

    code = "model_busy"
    status = 503
    outcome = CallOutcome.RATE_LIMITED


class NoSlot(ModelBusy):
    """As many calls are under way as our own caps allow, and none ended in time."""


class ModelTimeout(ModelError):
    """No answer came in the time there was."""

    code = "model_timeout"
    status = 504
    outcome = CallOutcome.TIMEOUT


class TokensUsedUp(ModelError):
    """Another call would take the question beyond the tokens that one question may use."""

    code = "model_tokens_used_up"
    status = 503


class ModelRefused(ModelError):
    """The endpoint does not accept the call: a wrong key, no such model, a request that it does not take."""

    code = "model_refused"
    outcome = CallOutcome.REFUSED


class KeyNotAccepted(ModelRefused):
    """The endpoint does not accept the key: no call with it will be accepted until somebody changes it."""


class PromptTooLong(ModelRefused):
    """The prompt does not fit the model's window."""

    code = "model_prompt_too_long"


class ShapeNotTaken(ModelRefused):
    """The endpoint does not know this way to ask for structured output; the same call without it may work."""

    code = "model_shape_not_taken"


class ModelCircuitOpen(ModelError):
    """The model's provider failed so often just now that it is left alone for `retry_after_seconds`."""

    code = "model_circuit_open"
    status = 503
    outcome = CallOutcome.CIRCUIT_OPEN


class ModelAnswerUnusable(ModelError):
    """An answer came that is not what was asked for. `answer` and `complaint` are for a repair, never for people.

    Without a complaint there is nothing that the model could mend.
    """

    code = "model_answer_unusable"
    outcome = CallOutcome.UNUSABLE

    def __init__(self, message: str, *, answer: str = "", complaint: str = "") -> None:
        super().__init__(message)
        self.answer = answer
        self.complaint = complaint
