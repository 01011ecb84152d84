"""Calls to models: one clock, one budget of tokens, fallbacks, and one record for every call. No Django here."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

import structlog

from apps.common.turns import TURNS
from apps.llm.answer_forms import Form, Wanted, forms_for, remember_refusal
from apps.llm.attempts import Call, Pace, Tally
from apps.llm.calls import CallOutcome, CallRecord
from apps.llm.errors import ModelAnswerUnusable, ModelError, PromptTooLong, ShapeNotTaken, TokensUsedUp
from apps.llm.exchange import Message, Said
from apps.llm.gate import FAIR_SECONDS, Admission, Gate, OpenGate, verdict_on
from apps.llm.retrying import Clock, RetryPolicy
from apps.llm.spec import ModelSpec
from apps.llm.tokens import count_tokens
from apps.monitoring.metrics import MODEL_CALLS, MODEL_FALLBACKS, MODEL_SECONDS, MODEL_TOKENS

log = structlog.get_logger(__name__)
Value = TypeVar("Value")
DEFAULT_MOST_TOKENS = 200_000
MOST_MODELS = 4  # of one call: the model asked for, and three that are asked in its place
OWN_SHARE = 0.5  # of the time that is left, where other models are still to come


class KeptAnswers(Protocol):
    """Answers that models gave to the very same call before; `call` is a value of JSON with all of it."""

    def get(self, call: Any) -> str | None: ...

    def put(self, call: Any, text: str) -> None: ...


@dataclass(frozen=True)
class Fallback:
    """One model asked in place of another, and why, in words that may be shown."""

    failed: str
    asked: str
    reason: str
    code: str

    @property
    def sentence(self) -> str:
        return f"The model {self.failed} could not be used ({self.reason}) {self.asked} was asked instead."


@dataclass(frozen=True)
class ModelClient:
    """Makes the model calls of one query. All of them together end by `clock`, each attempt by `timeout_seconds`.

    `record_call` hears of every call as it ends, also of those that fail; `fallbacks` says which models were asked in
    place of others. The connections behind it are shared. No call begins that would take the query beyond
    `most_tokens`. What `kept` has of earlier ones is not asked again. All calls pass the `gate`.
    """

    clock: Clock
    record_call: Callable[[CallRecord], None]
    correlation_id: str = ""
    timeout_seconds: float = 120
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    most_tokens: int = DEFAULT_MOST_TOKENS
    kept: KeptAnswers | None = None
    gate: Gate = field(default_factory=OpenGate)
    fallbacks: list[Fallback] = field(default_factory=list)
    _used: list[int] = field(default_factory=list, repr=False)
    _retried: list[str] = field(default_factory=list, repr=False)
    _answers: list[tuple[Any, str]] = field(default_factory=list, repr=False)

    def ask(
        self,
        model: ModelSpec,
        messages: Sequence[Message],
        *,
        purpose: str,
        accept: Callable[[Said], Value],
        wanted: Wanted | None = None,
    ) -> Value:
        """What `accept` makes of the model's words; it raises ModelAnswerUnusable where they are of no use.

        Where a model cannot be used, its fallback is asked; a useless answer is no reason for that, as it can be
        repaired. `wanted` is the shape that the endpoint is asked for, in the strictest form that it takes.

        Raises: ModelError of the last model asked, by its kind: ModelTimeout, ModelBusy, ModelFailing,
        ModelUnavailable, ModelRefused, ModelCircuitOpen, ModelAnswerUnusable, TokensUsedUp.
        """
        chain = list(_chain(model))
        for candidate, following in zip(chain, [*chain[1:], None], strict=True):
            asking = self if following is None else self.within(self.clock.left() * OWN_SHARE)
            try:
                return asking._ask_in_forms(candidate, messages, purpose, accept, wanted)
            except (ModelAnswerUnusable, TokensUsedUp):
                raise
            except ModelError as error:
                if following is None:
                    raise
                self.fall_back(candidate, following, error)
        raise AssertionError("a chain has a last model")

    def fall_back(self, failed: ModelSpec, asked: ModelSpec, error: ModelError) -> None:
        """Take note that another model is asked, and why."""
        self.fallbacks.append(Fallback(failed.key, asked.key, error.message, error.error_code))
        MODEL_FALLBACKS.labels(failed.key, asked.key, error.error_code).inc()
        log.warning("model_fallback", model=failed.key, fallback=asked.key, code=error.error_code)

    def within(self, seconds: float) -> "ModelClient":
        """The same client, tokens and record for calls that all end in so many seconds, or with its own time."""
        return replace(self, clock=Clock(min(self.clock.ends_at, time.monotonic() + seconds)))

    def keep_answers(self) -> None:
        """Keep the answers of this query's calls; for when something came of them."""
        if self.kept is not None:
            for call, text in self._answers:
                self.kept.put(call, text)

    def _ask_in_forms(
        self,
        model: ModelSpec,
        messages: Sequence[Message],
        purpose: str,
        accept: Callable[[Said], Value],
        wanted: Wanted | None,
    ) -> Value:
        for form in forms_for(model) if wanted else [Form.PROSE]:
            try:
                return self._ask(Call(model, messages, purpose, wanted.fields(form) if wanted else {}), accept)
            except ShapeNotTaken:
                if form is Form.PROSE:
                    raise
                remember_refusal(model, form)
                log.info("shape_not_taken", model=model.key, form=form)
        raise AssertionError("prose is the last form")

    def _ask(self, call: Call, accept: Callable[[Said], Value]) -> Value:
        if self.kept is not None and (text := self.kept.get(call.value)) is not None:
            return self._taken(text, call, accept)
        self._require_room(call)
        tally = Tally()
        try:
            tally.said = self._said(call, tally)
            value = accept(tally.said)
            tally.outcome = CallOutcome.OK
        except ModelError as error:
            tally.outcome = error.outcome
            raise
        finally:
            self._note(call, tally)
        self._answers.append((call.value, tally.said.text))
        return value

    def _said(self, call: Call, tally: Tally) -> Said:
        """What the model says, if its provider is let through; the gate hears how it went."""
        admission = self.gate.admit(call.model)
        pace = Pace(self.clock, self.timeout_seconds, self.policy, self.gate, self.correlation_id, self._retried)
        try:
            with TURNS.waiting():
                said = pace.say(call, tally, admission)
        except ModelError as error:
            self._report(call.model, admission, error, tally)
            raise
        self._report(call.model, admission, None, tally)
        return said

    def _report(self, model: ModelSpec, admission: Admission, error: ModelError | None, tally: Tally) -> None:
        had_a_chance = tally.longest_seconds >= min(FAIR_SECONDS, self.timeout_seconds)
        verdict = verdict_on(error, had_a_chance=had_a_chance)
        if verdict is not None:
            self.gate.report(model, admission, verdict)

    def _require_room(self, call: Call) -> None:
        """Raises TokensUsedUp where the query's tokens, PromptTooLong where the model's window cannot take the call."""
        tokens = sum(count_tokens(message["content"], call.model.tokenizer) for message in call.messages)
        if sum(self._used) + tokens > self.most_tokens:
            raise TokensUsedUp("One question may use no more tokens of models than it has.")
        if tokens > call.model.window_tokens:
            raise PromptTooLong("The prompt does not fit the model's window.")

    def _taken(self, text: str, call: Call, accept: Callable[[Said], Value]) -> Value:
        """An answer that was good before, at no cost; it is on record as what it is."""
        value = accept(Said(text, 0, 0))
        key = call.model.key
        MODEL_CALLS.labels(key, CallOutcome.CACHED).inc()
        self.record_call(CallRecord(purpose=call.purpose, model=key, outcome=CallOutcome.CACHED, duration_ms=0))
        return value

    def _note(self, call: Call, tally: Tally) -> None:
        """Put the call on record. One that never left is none, unless the circuit was what kept it."""
        if not tally.attempts and tally.outcome is not CallOutcome.CIRCUIT_OPEN:
            return
        record = tally.record(call)
        self._used.append(record.prompt_tokens + record.completion_tokens)
        MODEL_CALLS.labels(record.model, record.outcome).inc()
        MODEL_SECONDS.labels(record.model).observe(record.duration_ms / 1000)
        MODEL_TOKENS.labels(record.model, "prompt").inc(record.prompt_tokens)
        MODEL_TOKENS.labels(record.model, "completion").inc(record.completion_tokens)
        log.info(
            "model_call", model=record.model, purpose=record.purpose, outcome=record.outcome,
            attempts=record.attempts, duration_ms=record.duration_ms,
        )  # fmt: skip
        self.record_call(record)


def _chain(model: ModelSpec) -> Iterator[ModelSpec]:
    """The model and those that are asked in its place, each once, at most MOST_MODELS."""
    seen: set[str] = set()
    asked: ModelSpec | None = model
    while asked is not None and asked.key not in seen and len(seen) < MOST_MODELS:
        seen.add(asked.key)
        yield asked
        asked = asked.fallback
