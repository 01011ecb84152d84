"""What all calls of all processes pass on their way to a provider: a circuit breaker and caps. No Django here."""

import hashlib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from apps.llm.errors import KeyNotAccepted, ModelBusy, ModelError, ModelFailing, ModelTimeout, ModelUnavailable, NoSlot
from apps.llm.spec import ModelSpec

FAIR_SECONDS = 10.0  # an attempt that had so long, or the whole timeout, had a chance


class Verdict(StrEnum):
    """What a call that ended says about its provider: that it works, that it does not, that the key is wrong."""

    WORKS = "works"
    FAILS = "fails"
    LOCKED_OUT = "locked_out"


def verdict_on(error: ModelError | None, *, had_a_chance: bool) -> Verdict | None:
    """What one call says, None where it says nothing of the provider: our own caps were reached, or the question's
    time was nearly over, so that it had no chance to answer.

    A useless answer and a refused request are answers all the same: whoever gives them works.
    """
    if isinstance(error, NoSlot) or (isinstance(error, ModelTimeout) and not had_a_chance):
        return None
    if isinstance(error, KeyNotAccepted):
        return Verdict.LOCKED_OUT
    fails = isinstance(error, ModelFailing | ModelUnavailable | ModelTimeout | ModelBusy)
    return Verdict.FAILS if fails else Verdict.WORKS


@dataclass(frozen=True)
class Admission:
    """A call may go. A probe is the only one that may, while a circuit is open, to see whether all is well again."""

    is_probe: bool = False


class Gate(Protocol):
    """Stands before the providers of models."""

    def admit(self, model: ModelSpec) -> Admission:
        """Let a call begin. Raises ModelCircuitOpen, at once, where its provider is known not to work."""

    def is_open(self, model: ModelSpec) -> bool:
        """Did the provider's circuit open meanwhile, so that another attempt would be in vain?"""

    def report(self, model: ModelSpec, admission: Admission, verdict: Verdict) -> None:
        """Say what the call that was admitted tells about the provider."""

    def slot(self, model: ModelSpec, *, wait_seconds: float) -> AbstractContextManager[None]:
        """One of the exchanges that may be under way at once. Raises NoSlot where none comes free in time."""


class OpenGate:
    """Lets everything through, for calls outside an installation. Implements Gate."""

    def admit(self, model: ModelSpec) -> Admission:
        return Admission()

    def is_open(self, model: ModelSpec) -> bool:
        return False

    def report(self, model: ModelSpec, admission: Admission, verdict: Verdict) -> None:
        pass

    def slot(self, model: ModelSpec, *, wait_seconds: float) -> AbstractContextManager[None]:
        return nullcontext()


def provider_of(model: ModelSpec) -> str:
    """Who is behind the address: the provider's name where there is one, else the address."""
    return model.provider or model.base_url or "openai"


def circuit_of(model: ModelSpec) -> str:
    """The name of the model's circuit: of its provider, and of its key without telling it."""
    secret = f"{model.base_url}\n{model.api_key}".encode()
    return f"{provider_of(model)}:{hashlib.sha256(secret).hexdigest()[:16]}"
