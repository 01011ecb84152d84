"""The circuit breaker: one state for all processes, one probe at a time, nothing that depends on Redis being there."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis

from apps.llm.breaker import PREFIX, Breaker, Circuit
from apps.llm.calls import CallRecord
from apps.llm.client import ModelClient
from apps.llm.errors import KeyNotAccepted, ModelAnswerUnusable, ModelCircuitOpen, ModelFailing, ModelRefused
from apps.llm.exchange import Said
from apps.llm.gate import Admission, Verdict
from apps.llm.retrying import RetryPolicy
from apps.llm.shared_gate import SharedGate
from apps.llm.slots import Slots
from apps.llm.spec import ModelSpec
from apps.monitoring.metrics import MODEL_CIRCUIT_CHANGES, MODEL_CIRCUIT_OPEN
from tests.model_server import ModelServer

QUESTION = [{"role": "user", "content": "How many?"}]
ANSWER: dict[str, Any] = {"content": "forty-two"}
NO_RETRIES = RetryPolicy(retries=0)
Serve = Callable[..., ModelServer]
ModelAt = Callable[[str], ModelSpec]
MakeClient = Callable[..., ModelClient]
MakeGate = Callable[..., SharedGate]


def text_of(said: Said) -> str:
    return said.text


def asked(client: ModelClient, model: ModelSpec) -> str:
    return client.ask(model, QUESTION, purpose="test", accept=text_of)


def fail(client: ModelClient, model: ModelSpec, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ModelFailing):
            asked(client, model)


def test_it_opens_after_five_failed_calls_and_closes_after_one_that_works(
    serve: Serve, model_at: ModelAt, client: MakeClient, gate: MakeGate, calls: list[CallRecord]
) -> None:
    server = serve({"status": 500, "times": 5}, ANSWER)
    model, shared = replace(model_at(server.url), provider="acme-ai"), gate()
    asking = client(policy=NO_RETRIES, gate=shared)
    fail(asking, model, 4)
    assert shared.state_of(model).circuit is Circuit.CLOSED
    fail(asking, model, 1)
    assert shared.state_of(model).circuit is Circuit.OPEN
    started = time.monotonic()
    with pytest.raises(ModelCircuitOpen) as caught:
        asked(asking, model)
    assert time.monotonic() - started < 0.05
    assert (caught.value.status, caught.value.retry_after_seconds) == (503, 1)
    assert len(server.received) == 5
    assert (calls[-1].outcome, calls[-1].attempts, calls[-1].cost_usd) == ("circuit_open", 0, 0)
    assert MODEL_CIRCUIT_OPEN.labels("acme-ai")._value.get() == 1
    time.sleep(0.35)
    assert asked(asking, model) == "forty-two"
    assert shared.state_of(model).circuit is Circuit.CLOSED
    assert MODEL_CIRCUIT_OPEN.labels("acme-ai")._value.get() == 0
    changes = {state: MODEL_CIRCUIT_CHANGES.labels("acme-ai", state)._value.get() for state in ("open", "closed")}
    assert changes == {"open": 1, "closed": 1}


def test_a_call_counts_once_with_all_its_attempts(
    serve: Serve, model_at: ModelAt, client: MakeClient, gate: MakeGate
) -> None:
    server = serve({"status": 500})
    model, shared = model_at(server.url), gate()
    fail(client(gate=shared), model, 1)
    assert len(server.received) == 4
    assert shared.state_of(model).failures == 1


def test_a_call_that_works_starts_the_count_anew(
    serve: Serve, model_at: ModelAt, client: MakeClient, gate: MakeGate
) -> None:
    server = serve({"status": 500, "times": 4}, ANSWER, {"status": 500})
    model, shared = model_at(server.url), gate()
    asking = client(policy=NO_RETRIES, gate=shared)
    fail(asking, model, 4)
    asked(asking, model)
    fail(asking, model, 4)
    assert shared.state_of(model).circuit is Circuit.CLOSED


def test_no_retry_goes_to_a_circuit_that_opened_meanwhile(
    serve: Serve, model_at: ModelAt, client: MakeClient, gate: MakeGate
) -> None:
    server = serve({"status": 500, "delay_seconds": 0.2})
    model, shared = model_at(server.url), gate(open_seconds=5)
    asking = client(gate=shared)
    thread = threading.Thread(target=fail, args=(asking, model, 1))
    thread.start()
    time.sleep(0.05)
    for _ in range(5):
        assert shared.breaker is not None
        shared.report(model, Admission(), Verdict.FAILS)
    thread.join()
    assert len(server.received) == 1


def test_a_wrong_key_opens_at_once_and_for_that_key_only(
    serve: Serve, model_at: ModelAt, client: MakeClient, gate: MakeGate
) -> None:
    server = serve({"status": 401}, ANSWER)
    wrong, shared = model_at(server.url), gate()
    right = replace(wrong, api_key="sk-another-key")
    asking = client(gate=shared)
    with pytest.raises(KeyNotAccepted):
        asked(asking, wrong)
    with pytest.raises(ModelCircuitOpen):
        asked(asking, wrong)
    assert asked(asking, right) == "forty-two"
    assert len(server.received) == 2


@pytest.mark.parametrize("reply", [{"status": 400}, {"status": 404}, {"body": "<html>"}, {"content": "useless"}])
def test_what_is_not_the_providers_fault_does_not_open_it(
    reply: dict[str, Any], serve: Serve, model_at: ModelAt, client: MakeClient, gate: MakeGate
) -> None:
    def refuse(said: Said) -> str:
        raise ModelAnswerUnusable("Of no use.")

    model, shared = model_at(serve(reply).url), gate(failures=1)
    for _ in range(2):
        with pytest.raises((ModelRefused, ModelAnswerUnusable)):
            client(gate=shared).ask(model, QUESTION, purpose="test", accept=refuse)
    assert shared.state_of(model).circuit is Circuit.CLOSED


def test_a_question_whose_time_is_over_says_nothing_of_the_provider(
    serve: Serve, model_at: ModelAt, client: MakeClient, gate: MakeGate
) -> None:
    model, shared = model_at(serve({"hang": True}).url), gate(failures=1)
    with pytest.raises(Exception, match="did not answer in time"):
        asked(client(gate=shared, seconds=0.2, timeout_seconds=5), model)
    assert shared.state_of(model).circuit is Circuit.CLOSED
    with pytest.raises(Exception, match="did not answer in time"):
        asked(client(gate=shared, seconds=2, timeout_seconds=0.2, policy=NO_RETRIES), model)
    assert shared.state_of(model).circuit is Circuit.OPEN


def test_a_probe_is_one_attempt_and_opens_it_again_where_it_fails(
    serve: Serve, model_at: ModelAt, client: MakeClient, gate: MakeGate
) -> None:
    server = serve({"status": 500})
    model, shared = model_at(server.url), gate(failures=1)
    fail(client(policy=NO_RETRIES, gate=shared), model, 1)
    time.sleep(0.35)
    fail(client(gate=shared), model, 1)  # it may retry, a probe may not
    assert len(server.received) == 2
    with pytest.raises(ModelCircuitOpen):
        asked(client(gate=shared), model)


def admitted(address: str, name: str, start: Any, found: Any) -> None:
    """What one process is told at the moment when all are."""
    breaker = Breaker(Redis.from_url(address), 1, 60)
    start.wait()
    try:
        found.put(breaker.admit(name).is_probe)
    except ModelCircuitOpen:
        found.put(None)


def let_its_time_pass(redis: Redis, name: str) -> None:
    """As if the circuit had been open, or its probe out, for as long as it may be."""
    redis.hset(PREFIX + name, "open_until", 0)


def test_one_process_of_many_probes(redis: Redis, settings: Any) -> None:
    breaker = Breaker(redis, 1, 60)
    breaker.report("many", Admission(), Verdict.FAILS)
    context = multiprocessing.get_context("fork")
    start, found = context.Event(), context.Queue()
    address = settings.CACHES["default"]["LOCATION"]
    processes = [context.Process(target=admitted, args=(address, "many", start, found)) for _ in range(6)]
    for process in processes:
        process.start()
    let_its_time_pass(redis, "many")
    assert breaker.state("many").circuit is Circuit.HALF_OPEN
    start.set()
    told = [found.get(timeout=10) for _ in processes]
    for process in processes:
        process.join()
    assert sorted(map(str, told)) == ["None"] * 5 + ["True"]
    let_its_time_pass(redis, "many")
    assert breaker.admit("many").is_probe  # the first probe was never heard of again


def test_without_redis_calls_go_on(serve: Serve, model_at: ModelAt, client: MakeClient) -> None:
    nowhere = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    shared = SharedGate(Breaker(nowhere, 1, 60), Slots(nowhere), organization="acme", calls_at_once=1)
    model = replace(model_at(serve({"status": 500, "times": 2}, ANSWER).url), calls_at_once=1)
    fail(client(policy=NO_RETRIES, gate=shared), model, 2)
    assert asked(client(gate=shared), model) == "forty-two"
    assert shared.state_of(model).circuit is Circuit.UNKNOWN


def test_no_key_of_redis_tells_a_key(redis: Redis, model_at: ModelAt, gate: MakeGate) -> None:
    model = model_at("http://127.0.0.1:1/v1")
    gate().report(model, Admission(), Verdict.LOCKED_OUT)
    [name] = redis.scan_iter("parley:circuit:*")
    assert model.api_key not in name.decode()
