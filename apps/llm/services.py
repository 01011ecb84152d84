"""A client for the calls of one query, under this installation's settings, and how its providers do."""

from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from redis import BlockingConnectionPool, Redis

from apps.accounts.row_security import EVERYTHING, current_scope
from apps.llm.breaker import Breaker, Circuit, CircuitState
from apps.llm.calls import CallRecord
from apps.llm.client import KeptAnswers, ModelClient
from apps.llm.gate import provider_of
from apps.llm.registry import all_models
from apps.llm.retrying import Clock, RetryPolicy
from apps.llm.shared_gate import SharedGate
from apps.llm.slots import Slots
from apps.llm.spec import ModelSpec
from apps.monitoring.health import CheckFailed

MOST_REDIS_CONNECTIONS = 50
REDIS_SECONDS = 1.0  # a Redis that does not answer in that time counts as away


def client_until(
    deadline: float,
    *,
    record_call: Callable[[CallRecord], None],
    correlation_id: str = "",
    kept: KeptAnswers | None = None,
) -> ModelClient:
    """A client whose calls all end by `deadline` (on `time.monotonic`) and are all told to `record_call`.

    Without `kept`, every call is made. They count among the calls of the organization whose rows this code sees.
    """
    return ModelClient(
        clock=Clock(deadline),
        record_call=record_call,
        correlation_id=correlation_id,
        timeout_seconds=settings.PARLEY.model_timeout_seconds,
        most_tokens=settings.PARLEY.model_tokens_per_question,
        kept=kept,
        policy=RetryPolicy(retries=settings.PARLEY.model_max_retries),
        gate=installation_gate(),
    )


def installation_gate() -> SharedGate:
    """Breaker and caps of this installation, for the organization whose rows this code sees."""
    environment = settings.PARLEY
    redis = _redis(settings.CACHES["default"]["LOCATION"])
    open_seconds = environment.model_circuit_open_seconds
    scope = current_scope()
    return SharedGate(
        Breaker(redis, environment.model_circuit_failures, open_seconds) if open_seconds else None,
        Slots(redis),
        organization="" if scope == EVERYTHING else scope,
        calls_at_once=environment.model_calls_at_once_per_organization,
    )


def state_of(model: ModelSpec) -> CircuitState:
    """How the circuit of the model's provider and key stands, without any call to it."""
    return installation_gate().state_of(model)


def check_models() -> str:
    """Whether every provider of a model is let through. Raises CheckFailed naming those that are left alone."""
    providers = {provider_of(model): model for model in all_models().values()}
    states = {provider: state_of(model) for provider, model in providers.items()}
    shut = [
        f"{provider} is left alone for {state.seconds_left} s"
        for provider, state in states.items()
        if state.circuit in (Circuit.OPEN, Circuit.HALF_OPEN)
    ]
    if shut:
        raise CheckFailed("; ".join(shut))
    return f"{len(providers)} providers are let through" if providers else "none is configured"


@lru_cache(maxsize=4)
def _redis(address: str) -> Redis:
    pool = BlockingConnectionPool.from_url(
        address, max_connections=MOST_REDIS_CONNECTIONS, timeout=REDIS_SECONDS,
        socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS,
    )  # fmt: skip
    return Redis(connection_pool=pool)
