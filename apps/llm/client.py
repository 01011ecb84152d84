"""Calls to models: deadline, retries where they help, one record and its metrics for every call. No Django here.

A circuit breaker and a fallback chain belong around `ModelClient.ask`; the retries stand inside it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Protocol, TypeVar

import structlog

from apps.llm.calls import CallOutcome, CallRecord
from apps.llm.errors import ModelError, ModelTimeout, TokensUsedUp
from apps.llm.exchange import FAILURES, Message, Said, exchange
from apps.llm.failures import Failure, failure_of
from apps.llm.retrying import Clock, RetryPolicy
from apps.llm.spec import ModelSpec
from apps.llm.tokens import bounded_tokens
from apps.monitoring.metrics import MODEL_CALLS, MODEL_SECONDS, MODEL_TOKENS

log = structlog.get_logger(__name__)
Value = TypeVar("Value")
ResponseFormat = dict[str, Any]
DEFAULT_MOST_TOKENS = 200_000


class KeptAnswers(Protocol):
    """Answers that models gave to the very same call before; `call` is a value of JSON with all of it."""

    def get(self, call: Any) -> str | None: ...

    def put(self, call: Any, text: str) -> None: ...


@dataclass
class _Tally:
    """What one call has come to so far."""

    started: float = field(default_factory=time.monotonic)
    attempts: int = 0
    said: Said | None = None
    outcome: CallOutcome = CallOutcome.FAILED


@dataclass(frozen=True)
class ModelClient:
    """Makes the model calls of one query. All of them together end by `clock`, each attempt by `timeout_seconds`.

    `record_call` hears of every call as it ends, also of those that fail. The connections behind it are shared.
    No call begins that would take the query beyond `most_tokens`. What `kept` has of earlier ones is not asked again.
    """

    clock: Clock
    record_call: Callable[[CallRecord], None]
    correlation_id: str = ""
    timeout_seconds: float = 120
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    most_tokens: int = DEFAULT_MOST_TOKENS
    kept: KeptAnswers | None = None
    _used: list[int] = field(default_factory=list, repr=False)
    _answers: list[tuple[Any, str]] = field(default_factory=list, repr=False)

    def ask(
        self,
        model: ModelSpec,
        messages: Sequence[Message],
        *,
        purpose: str,
        accept: Callable[[Said], Value],
        response_format: ResponseFormat | None = None,
    ) -> Value:
        """What `accept` makes of the model's words; it raises ModelAnswerUnusable where they are of no use.

        Raises: ModelError, by its kind: ModelTimeout, ModelBusy, ModelFailing, ModelUnavailable, ModelRefused,
        ModelAnswerUnusable, TokensUsedUp.
        """
        call = [model.key, model.base_url, model.endpoint_name, [*messages], response_format]
        if self.kept is not None and (text := self.kept.get(call)) is not None:
            return self._taken(text, model, purpose, accept)
        if sum(self._used) + sum(bounded_tokens(message["content"]) for message in messages) > self.most_tokens:
            raise TokensUsedUp("One question may use no more tokens of models than it has.")
        tally = _Tally()
        try:
            tally.said = self._say(model, messages, response_format, tally)
            value = accept(tally.said)
            tally.outcome = CallOutcome.OK
        except ModelError as error:
            tally.outcome = error.outcome
            raise
        finally:
            self._note(model, purpose, tally, messages)
        self._answers.append((call, tally.said.text))
        return value

    def within(self, seconds: float) -> "ModelClient":
        """The same client, tokens and record for calls that all end in so many seconds, or with its own time."""
        return replace(self, clock=Clock(min(self.clock.ends_at, time.monotonic() + seconds)))

    def keep_answers(self) -> None:
        """Keep the answers of this query's calls; for when something came of them."""
        if self.kept is not None:
            for call, text in self._answers:
                self.kept.put(call, text)

    def _taken(self, text: str, model: ModelSpec, purpose: str, accept: Callable[[Said], Value]) -> Value:
        """An answer that was good before, at no cost; it is on record as what it is."""
        value = accept(Said(text, 0, 0))
        MODEL_CALLS.labels(model.key, CallOutcome.CACHED).inc()
        self.record_call(CallRecord(purpose=purpose, model=model.key, outcome=CallOutcome.CACHED, duration_ms=0))
        return value

    def _say(
        self, model: ModelSpec, messages: Sequence[Message], response_format: ResponseFormat | None, tally: _Tally
    ) -> Said:
        """Try until an answer comes, or another attempt cannot help or cannot end in time."""
        for attempt in count(1):
            seconds = min(self.timeout_seconds, self.clock.left())
            if seconds <= 0:
                raise ModelTimeout("There was no time left to ask the model.")
            tally.attempts = attempt
            try:
                return exchange(
                    model,
                    messages,
                    seconds=seconds,
                    correlation_id=self.correlation_id,
                    response_format=response_format,
                )
            except FAILURES as error:
                failure = failure_of(error)
                pause = self._pause(failure, attempt)
                if pause is None:
                    raise failure.error from error
            log.info("model_call_retried", model=model.key, attempt=attempt, code=failure.error.error_code)
            time.sleep(pause)
        raise AssertionError("count never ends")

    def _pause(self, failure: Failure, attempt: int) -> float | None:
        """Seconds until the next attempt, None where there should be none."""
        if not failure.may_retry or attempt > self.policy.retries:
            return None
        pause = self.policy.pause(attempt) if failure.asked_seconds is None else failure.asked_seconds
        return pause if pause < self.clock.left() else None

    def _note(self, model: ModelSpec, purpose: str, tally: _Tally, messages: Sequence[Message]) -> None:
        """Put the call on record. One that never left, for want of time, is none."""
        if not tally.attempts:
            return
        seconds = time.monotonic() - tally.started
        said = tally.said or Said("", 0, 0)
        self._used.append(said.prompt_tokens + said.completion_tokens)
        MODEL_CALLS.labels(model.key, tally.outcome).inc()
        MODEL_SECONDS.labels(model.key).observe(seconds)
        MODEL_TOKENS.labels(model.key, "prompt").inc(said.prompt_tokens)
        MODEL_TOKENS.labels(model.key, "completion").inc(said.completion_tokens)
        call = CallRecord(
            purpose=purpose, model=model.key, outcome=tally.outcome, duration_ms=round(seconds * 1000),
            prompt_tokens=said.prompt_tokens, completion_tokens=said.completion_tokens,
            cost_usd=model.cost(prompt_tokens=said.prompt_tokens, completion_tokens=said.completion_tokens),
            attempts=tally.attempts, messages=_as_sent(messages), answer=said.text,
        )  # fmt: skip
        log.info(
            "model_call", model=call.model, purpose=purpose, outcome=call.outcome, attempts=call.attempts,
            duration_ms=call.duration_ms,
        )  # fmt: skip
        self.record_call(call)


def _as_sent(messages: Sequence[Message]) -> tuple[tuple[str, str], ...]:
    return tuple((message["role"], message["content"]) for message in messages)
