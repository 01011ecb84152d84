"""The gate of an installation: breaker and caps in Redis. Where Redis is away there are none, and calls go on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog
from redis import RedisError

from apps.llm.breaker import Breaker, Circuit, CircuitState
from apps.llm.errors import ModelCircuitOpen
from apps.llm.gate import Admission, Verdict, circuit_of, provider_of
from apps.llm.slots import Slots
from apps.llm.spec import ModelSpec
from apps.monitoring.metrics import MODEL_CIRCUIT_CHANGES, MODEL_CIRCUIT_OPEN, MODEL_SLOT_SECONDS

log = structlog.get_logger(__name__)
Value = TypeVar("Value")
QUIET_SECONDS = 60.0


@dataclass(frozen=True)
class SharedGate:
    """Implements Gate. `breaker` is None where there is to be none; `organization` names whose calls these are.

    An organization's slot is taken before the provider's: it never has more calls in the provider's queue than it may
    have under way, so one that asks much does not keep the others waiting.
    """

    breaker: Breaker | None
    slots: Slots
    organization: str = ""
    calls_at_once: int | None = None

    def admit(self, model: ModelSpec) -> Admission:
        if self.breaker is None:
            return Admission()
        breaker, gauge = self.breaker, MODEL_CIRCUIT_OPEN.labels(provider_of(model))
        try:
            admission = _or(Admission(), lambda: breaker.admit(circuit_of(model)))
        except ModelCircuitOpen:
            gauge.set(1)
            raise
        gauge.set(int(admission.is_probe))
        return admission

    def is_open(self, model: ModelSpec) -> bool:
        return self.state_of(model).circuit is Circuit.OPEN

    def state_of(self, model: ModelSpec) -> CircuitState:
        """How the circuit of the model's provider and key stands."""
        if self.breaker is None:
            return CircuitState(Circuit.CLOSED)
        breaker = self.breaker
        return _or(CircuitState(Circuit.UNKNOWN), lambda: breaker.state(circuit_of(model)))

    def report(self, model: ModelSpec, admission: Admission, verdict: Verdict) -> None:
        if self.breaker is None:
            return
        breaker = self.breaker
        changed = _or(None, lambda: breaker.report(circuit_of(model), admission, verdict))
        if changed is not None:
            provider = provider_of(model)
            MODEL_CIRCUIT_CHANGES.labels(provider, changed).inc()
            MODEL_CIRCUIT_OPEN.labels(provider).set(int(changed is Circuit.OPEN))
            log.warning("model_circuit_changed", provider=provider, model=model.key, state=changed, verdict=verdict)

    @contextmanager
    def slot(self, model: ModelSpec, *, wait_seconds: float) -> Iterator[None]:
        started = time.monotonic()
        provider = provider_of(model)
        most = self.calls_at_once if self.organization else None
        with self._held(f"organization:{self.organization}", most, wait_seconds):
            left = wait_seconds - (time.monotonic() - started)
            with self._held(f"provider:{provider}", model.calls_at_once, left):
                MODEL_SLOT_SECONDS.labels(provider).observe(time.monotonic() - started)
                yield

    @contextmanager
    def _held(self, name: str, most: int | None, wait_seconds: float) -> Iterator[None]:
        """A slot where there is a cap and Redis to count it; the block runs once in any case."""
        if most is None:
            yield
            return
        slots = self.slots
        slot = _or(None, lambda: slots.take(name, most=most, wait_seconds=wait_seconds))
        try:
            yield
        finally:
            if slot is not None:
                _or(None, lambda: slots.leave(slot))


def _or(instead: Value, asked: Callable[[], Value]) -> Value:
    """What Redis says, or something instead where it is away; the log hears of it once a minute."""
    try:
        return asked()
    except RedisError as error:
        if time.monotonic() - _last_told[0] > QUIET_SECONDS:
            _last_told[0] = time.monotonic()
            log.warning("model_gate_without_redis", error=type(error).__name__)
        return instead


_last_told = [-QUIET_SECONDS]
