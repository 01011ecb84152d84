"""Caps over all processes: never more than there may be, in turn, and nothing is lost with a process that is killed."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis

from apps.llm import slots as module
from apps.llm.client import ModelClient
from apps.llm.errors import ModelBusy, NoSlot
from apps.llm.shared_gate import SharedGate
from apps.llm.slots import Slots
from apps.llm.spec import ModelSpec
from tests.model_server import ModelServer

QUESTION = [{"role": "user", "content": "How many?"}]


def run_all(function: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=function, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_there_are_never_more_than_there_may_be(redis: Redis) -> None:
    slots, held, most = Slots(redis), [], []

    def work(at: int) -> None:
        slot = slots.take("few", most=3, wait_seconds=10)
        held.append(at)
        most.append(len(held))
        time.sleep(0.02)
        held.remove(at)
        slots.leave(slot)

    run_all(work, 20)
    assert max(most) == 3
    assert redis.zcard("parley:slots:few:taken") == 0


def test_they_are_taken_in_turn(redis: Redis) -> None:
    slots, order = Slots(redis), []
    first = slots.take("one", most=1, wait_seconds=0)

    def work(at: int) -> None:
        time.sleep(at * 0.05)
        slot = slots.take("one", most=1, wait_seconds=10)
        order.append(at)
        slots.leave(slot)

    threading.Timer(0.4, slots.leave, args=(first,)).start()
    run_all(work, 5)
    assert order == [0, 1, 2, 3, 4]


def test_whoever_waits_too_long_is_told_and_leaves_the_queue(redis: Redis) -> None:
    slots = Slots(redis)
    slot = slots.take("one", most=1, wait_seconds=0)
    with pytest.raises(NoSlot) as caught:
        slots.take("one", most=1, wait_seconds=0.1)
    assert caught.value.retry_after_seconds
    assert isinstance(caught.value, ModelBusy)
    assert redis.zcard("parley:slots:one:queue") == 0
    slots.leave(slot)


def hold_for_ever(address: str, taken: Any) -> None:
    Slots(Redis.from_url(address)).take("one", most=1, wait_seconds=0)
    taken.set()
    time.sleep(60)


def test_the_slot_of_a_killed_process_comes_back_and_that_of_a_living_one_stays(
    redis: Redis, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEASE_SECONDS", 1)
    monkeypatch.setattr(module, "RENEWAL_SECONDS", 0.2)
    context = multiprocessing.get_context("fork")
    taken = context.Event()
    process = context.Process(target=hold_for_ever, args=(settings.CACHES["default"]["LOCATION"], taken))
    process.start()
    assert taken.wait(10)
    with pytest.raises(NoSlot):
        Slots(redis).take("one", most=1, wait_seconds=1.5)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    slot = Slots(redis).take("one", most=1, wait_seconds=3)
    Slots(redis).leave(slot)


def most_at_once(server: ModelServer, ask: Callable[[int], None], count: int) -> int:
    """The most requests that were with the server at one moment, while so many threads ask."""
    seen: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            seen.append(server.at_work)

    watcher = threading.Thread(target=watch)
    watcher.start()
    run_all(ask, count)
    done.set()
    watcher.join()
    return max(seen)


@pytest.mark.parametrize("of", ["provider", "organization"])
def test_calls_of_all_clients_share_the_caps(
    of: str,
    serve: Callable[..., ModelServer],
    model_at: Callable[[str], ModelSpec],
    client: Callable[..., ModelClient],
    gate: Callable[..., SharedGate],
) -> None:
    server = serve({"content": "yes", "delay_seconds": 0.08})
    model = replace(model_at(server.url), calls_at_once=2 if of == "provider" else None, provider="capped")
    shared = gate(organization="acme", calls_at_once=2 if of == "organization" else None)

    def ask(_: int) -> None:
        client(gate=shared).ask(model, QUESTION, purpose="test", accept=lambda said: said.text)

    assert most_at_once(server, ask, 8) == 2
    assert len(server.received) == 8


def test_a_call_that_gets_no_slot_is_busy_and_says_nothing_of_the_provider(
    redis: Redis,
    serve: Callable[..., ModelServer],
    model_at: Callable[[str], ModelSpec],
    client: Callable[..., ModelClient],
    gate: Callable[..., SharedGate],
) -> None:
    server = serve({"content": "yes"})
    model, shared = replace(model_at(server.url), calls_at_once=1, provider="capped"), gate(failures=1)
    slot = Slots(redis).take("provider:capped", most=1, wait_seconds=0)
    with pytest.raises(NoSlot):
        client(gate=shared, seconds=0.4).ask(model, QUESTION, purpose="test", accept=lambda said: said.text)
    Slots(redis).leave(slot)
    assert shared.state_of(model).failures == 0
    assert not server.received
