"""One call as the attempts that it takes: each in a slot, pauses between them, an end in time. No Django here."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import structlog

from apps.llm.calls import CallOutcome, CallRecord
from apps.llm.errors import ModelTimeout
from apps.llm.exchange import FAILURES, Message, Said, exchange
from apps.llm.failures import Failure, failure_of
from apps.llm.gate import Admission, Gate
from apps.llm.retrying import Clock, RetryPolicy
from apps.llm.spec import ModelSpec

log = structlog.get_logger(__name__)
WAIT_SHARE = 0.5  # of the time that is left may go into waiting for a slot: the call itself needs some


@dataclass(frozen=True)
class Call:
    """What is sent to which model, and for what; `fields` go into the request beside the messages."""

    model: ModelSpec
    messages: Sequence[Message]
    purpose: str
    fields: Mapping[str, Any]

    @property
    def value(self) -> Any:
        """All of it as a value of JSON."""
        model = self.model
        return [model.key, model.base_url, model.endpoint_name, [*self.messages], dict(self.fields)]


@dataclass
class Tally:
    """What one call has come to so far."""

    started: float = field(default_factory=time.monotonic)
    attempts: int = 0
    longest_seconds: float = 0
    said: Said | None = None
    outcome: CallOutcome = CallOutcome.FAILED

    def record(self, call: Call) -> CallRecord:
        """The call as it stands on record."""
        said = self.said or Said("", 0, 0)
        tokens = {"prompt_tokens": said.prompt_tokens, "completion_tokens": said.completion_tokens}
        return CallRecord(
            purpose=call.purpose, model=call.model.key, outcome=self.outcome, attempts=self.attempts,
            duration_ms=round((time.monotonic() - self.started) * 1000), cost_usd=call.model.cost(**tokens),
            messages=tuple((message["role"], message["content"]) for message in call.messages), answer=said.text,
            **tokens,
        )  # fmt: skip


@dataclass(frozen=True)
class Pace:
    """How attempts are made. `retried` has an entry for each further attempt of the whole question so far."""

    clock: Clock
    timeout_seconds: float
    policy: RetryPolicy
    gate: Gate
    correlation_id: str
    retried: list[str]

    def say(self, call: Call, tally: Tally, admission: Admission) -> Said:
        """Try until an answer comes, or another attempt cannot help or cannot end in time. Raises ModelError."""
        for attempt in count(1):
            try:
                return self._attempt(call, tally)
            except FAILURES as error:
                failure = failure_of(error)
                pause = None if admission.is_probe else self._pause(call.model, failure, attempt)
                if pause is None:
                    raise failure.error from error
            self.retried.append(call.model.key)
            log.info("model_call_retried", model=call.model.key, attempt=attempt, code=failure.error.error_code)
            time.sleep(pause)
        raise AssertionError("count never ends")

    def _attempt(self, call: Call, tally: Tally) -> Said:
        wait_seconds = self.clock.left() * WAIT_SHARE
        with self.gate.slot(call.model, wait_seconds=wait_seconds):
            seconds = min(self.timeout_seconds, self.clock.left())
            if seconds <= 0:
                raise ModelTimeout("There was no time left to ask the model.")
            tally.attempts += 1
            tally.longest_seconds = max(tally.longest_seconds, seconds)
            return exchange(
                call.model, call.messages, seconds=seconds, correlation_id=self.correlation_id, fields=call.fields
            )

    def _pause(self, model: ModelSpec, failure: Failure, attempt: int) -> float | None:
        """Seconds until the next attempt, None where there should be none."""
        is_spent = attempt > self.policy.retries or len(self.retried) >= self.policy.retries_in_all
        if not failure.may_retry or is_spent or self.gate.is_open(model):
            return None
        pause = self.policy.pause(attempt, failure.asked_seconds)
        return pause if pause < self.clock.left() else None
