"""A replay server for each test, and a client that waits only a little between attempts."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from redis import Redis

from apps.llm.breaker import Breaker
from apps.llm.calls import CallRecord
from apps.llm.client import ModelClient
from apps.llm.retrying import Clock, RetryPolicy
from apps.llm.shared_gate import SharedGate
from apps.llm.slots import Slots
from apps.llm.spec import ModelSpec
from tests.model_server import ModelServer, replies
from tests.model_server.fixtures import dead_url

__all__ = ["dead_url"]
KEY = "sk-this-key-must-never-be-shown"


@pytest.fixture
def serve() -> Iterator[Callable[..., ModelServer]]:
    """Starts a replay server for the replies given."""
    with ExitStack() as stack:
        yield lambda *script: stack.enter_context(ModelServer(replies(script)))


@pytest.fixture
def calls() -> list[CallRecord]:
    return []


@pytest.fixture
def client(calls: list[CallRecord]) -> Callable[..., ModelClient]:
    def make(*, seconds: float = 10, **settings: Any) -> ModelClient:
        quick = RetryPolicy(retries=3, first_seconds=0.02, longest_seconds=0.1)
        defaults = {"correlation_id": "correlation-0001", "policy": quick, "timeout_seconds": 5}
        return ModelClient(Clock(time.monotonic() + seconds), calls.append, **{**defaults, **settings})

    return make


@pytest.fixture
def model_at() -> Callable[[str], ModelSpec]:
    """A model with prices, at the address given."""

    def make(url: str) -> ModelSpec:
        return ModelSpec("small", url, KEY, name="small-2026", price_in=Decimal("2.50"), price_out=Decimal(10))

    return make


@pytest.fixture
def redis(settings: Any) -> Iterator[Redis]:
    """The Redis of the tests, without what breakers and slots of other tests left."""
    connected = Redis.from_url(settings.CACHES["default"]["LOCATION"])
    for key in connected.scan_iter("parley:*"):
        connected.delete(key)
    with connected:
        yield connected


@pytest.fixture
def gate(redis: Redis) -> Callable[..., SharedGate]:
    """A gate as all processes share it; its breaker is open for a moment only."""

    def make(*, failures: int = 5, open_seconds: float = 0.3, **settings: Any) -> SharedGate:
        return SharedGate(Breaker(redis, failures, open_seconds), Slots(redis), **settings)

    return make
