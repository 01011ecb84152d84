"""The fault table of the whole journey: whatever the endpoint does, a question ends in an answer that says how it came
about, or in one honest error, within its deadline; and its calls, tokens and cost are counted right.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

import psutil
import pytest

from apps.accounts.models import Measure, Organization, Period, Subject
from apps.accounts.models.quotas import UsageCounter
from apps.llm import services
from apps.llm.connections import close_connections
from apps.llm.models import ModelCall
from apps.llm.registry import models_for
from apps.llm.retrying import RetryPolicy
from apps.llm.spec import ModelsByRole, ModelSpec
from apps.queries.models import Query, Status
from apps.queries.presentation import query_json
from tests.model_server import ModelServer, replies
from tests.queries.engines.model.conftest import KEY, configure

QUESTION = "How many orders are there?"
COUNT = {"sql": "SELECT COUNT(*) AS orders FROM orders", "explanation": "number of orders", "likelihood": 0.9}
TOKENS = {"prompt_tokens": 1_000, "completion_tokens": 7}
ANSWER: dict[str, Any] = {"json": {"readings": [COUNT]}, **TOKENS}
COST = Decimal("0.00257")
Ask = Callable[..., Query]


@dataclass(frozen=True)
class Fault:
    """Replies, each call's outcome and attempts, how many were billed, and why another engine answered, if it did."""

    script: tuple[dict[str, Any], ...]
    calls: tuple[tuple[str, int], ...]
    reason: str = ""
    billed: int = 1
    timeout_seconds: float = 5
    seconds: float = 8


def said(text: str, **reply: Any) -> dict[str, Any]:
    return {"content": text, **TOKENS, **reply}


def failed(script: dict[str, Any], outcome: str, attempts: int, reason: str, timeout_seconds: float = 5) -> Fault:
    return Fault((script,), ((outcome, attempts),), reason, 0, timeout_seconds)


BUSY, BROKEN, SLOW, AWAY = "no more calls for now", "has a fault", "did not answer in time", "cannot be reached"
SHAPELESS, NO_COMPLETION = "does not have the shape", "did not answer with a chat completion"
OK, REPAIRED, USELESS = (("ok", 1),), (("unusable", 1), ("ok", 1)), (("unusable", 1), ("unusable", 1))
FAULTS = {
    "a good answer": Fault((ANSWER,), OK),
    "429 with Retry-After": Fault(({"status": 429, "headers": {"Retry-After": "1"}}, ANSWER), (("ok", 2),)),
    "429 without": Fault(({"status": 429}, ANSWER), (("ok", 2),)),
    "429 always": failed({"status": 429}, "rate_limited", 3, BUSY),
    "500 twice then fine": Fault(({"status": 500, "times": 2}, ANSWER), (("ok", 3),)),
    "500 always": failed({"status": 500}, "failed", 3, BROKEN),
    "529 always": failed({"status": 529}, "failed", 3, BROKEN),
    "never an answer": failed({"hang": True}, "timeout", 3, SLOW, 0.4),
    "hanging up": failed({"hang_up": True}, "unreachable", 3, AWAY),
    "a cut body": failed({"cut": True, **ANSWER}, "unreachable", 3, AWAY),
    "a slow drip": failed({"drip_seconds": 0.05, **ANSWER}, "timeout", 3, SLOW, 0.4),
    "prose": Fault((said("I would love to help!"), ANSWER), REPAIRED, billed=2),
    "prose, always": Fault((said("I would love to help!"),), USELESS, SHAPELESS, 2),
    "fences": Fault((said('```json\n{"sql": "SELECT COUNT(*) FROM orders"}\n```'),), OK),
    "a think-block": Fault((said('<think>{"sql": "DROP"}</think>{"query": "SELECT COUNT(*) FROM orders"}'),), OK),
    "truncated JSON": Fault((said('{"readings": [{"sql": "SELECT COUNT(*)'), ANSWER), REPAIRED, billed=2),
    "the wrong schema": Fault((said('{"readings": [{"statement": 1}]}'), ANSWER), REPAIRED, billed=2),
    "empty": Fault((said(""), ANSWER), REPAIRED, billed=2),
    "2 MB": failed(said("x" * 1_000, repeat=2_000), "unusable", 1, "longer than any"),
    "HTML": failed({"body": "<html>"}, "unusable", 1, NO_COMPLETION),
    "invalid UTF-8": failed({"body": '{"choices": "é"}', "encoding": "latin-1"}, "unusable", 1, NO_COMPLETION),
    "a wrong key": failed({"status": 401}, "refused", 1, "does not accept the key"),
    "an unknown model": failed({"status": 404}, "refused", 1, "does not know the model"),
}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "RetryPolicy", partial(RetryPolicy, first_seconds=0.01, longest_seconds=0.05))


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No thread of ours and no connection outlives a question and the pools of its process."""
    here = psutil.Process(os.getpid())
    threads, sockets = threading.active_count(), len(here.net_connections("tcp"))
    yield
    close_connections()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and (
        threading.active_count() > threads or len(here.net_connections("tcp")) > sockets
    ):
        time.sleep(0.02)
    assert threading.active_count() <= threads, [thread.name for thread in threading.enumerate()]
    assert len(here.net_connections("tcp")) <= sockets


def calls_of(organization: Organization) -> list[ModelCall]:
    return list(ModelCall.objects.for_org(organization).order_by("id"))


def charged(organization: Organization, measure: Measure) -> Decimal:
    counters = UsageCounter.objects.for_org(organization).filter(
        subject=Subject.ORGANIZATION, measure=measure, period=Period.MONTH
    )
    return sum((Decimal(counter.amount) for counter in counters), Decimal(0))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_each_fault_ends_in_an_answer_that_says_how_it_came_about(
    fault: Fault, ask: Ask, acme: Organization, settings: Any
) -> None:
    with ModelServer(replies(fault.script)) as server:
        configure(settings, model_base_url=server.url, model_timeout_seconds=fault.timeout_seconds, model_max_retries=2)
        started = time.monotonic()
        query = ask(QUESTION)
        assert time.monotonic() - started < fault.seconds
    body = query_json(query)
    assert (query.status, body["engine"]) == (Status.ANSWERED, "builtin" if fault.reason else "model")
    assert body["result"]["rows"][0][0] > 0
    stated = [text for text in body["assumptions"] if "could not be used" in text]
    assert [fault.reason in text for text in stated] == ([True] if fault.reason else [])
    calls = calls_of(acme)
    assert tuple((call.outcome, call.attempts) for call in calls) == fault.calls
    assert len(server.received) == sum(attempts for _, attempts in fault.calls)
    tokens, cost = 1_007 * fault.billed, COST * fault.billed
    assert sum(call.prompt_tokens + call.completion_tokens for call in calls) == tokens
    assert (charged(acme, Measure.TOKENS), charged(acme, Measure.COST)) == (tokens, cost)
    assert Decimal(body["metadata"]["cost_usd"]) == cost
    assert KEY not in str(body)
    assert "127.0.0.1" not in str(body)


@pytest.mark.parametrize("url", ["http://nobody.invalid/v1", None], ids=["dead DNS", "a dead port"])
def test_an_endpoint_that_is_not_there_costs_the_model_not_the_answer(
    url: str | None, ask: Ask, acme: Organization, settings: Any, dead_url: str
) -> None:
    configure(settings, model_base_url=url or dead_url, model_max_retries=1)
    body = query_json(ask(QUESTION))
    assert body["engine"] == "builtin"
    assert any(AWAY in text for text in body["assumptions"])
    assert [(call.outcome, call.attempts) for call in calls_of(acme)] == [("unreachable", 2)]


def test_a_question_that_only_a_model_understands_ends_in_one_honest_error(ask: Ask, settings: Any) -> None:
    with ModelServer(replies([{"status": 500}])) as server:
        configure(settings, model_base_url=server.url, model_max_retries=0)
        body = query_json(ask("Wie viele Bestellungen sind da?"))
    assert body["status"] in ("cannot_answer", "failed")
    assert body["error"]["code"]
    assert "127.0.0.1" not in str(body)


@pytest.fixture
def fallback(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Gives the installation's model another one to be asked in its place."""

    def give(url: str) -> None:
        second = ModelSpec("second", url, price_in=Decimal("2.50"), price_out=Decimal(10))

        def chosen(**named: Any) -> ModelsByRole | None:
            found = models_for(**named)
            assert found is not None
            first = replace(found.reasoning, fallback=second)
            return ModelsByRole(first, first)

        monkeypatch.setattr("apps.queries.steps.planning.models_for", chosen)

    return give


def test_another_provider_answers_first_and_the_built_in_engine_last(
    ask: Ask, acme: Organization, settings: Any, fallback: Callable[[str], None]
) -> None:
    with ModelServer(replies([{"status": 500}])) as down, ModelServer(replies([ANSWER, {"status": 401}])) as second:
        configure(settings, model_base_url=down.url, model_max_retries=0, model_cache_seconds=0)
        fallback(second.url)
        body = query_json(ask(QUESTION))
        assert body["engine"] == "model"
        assert [text for text in body["assumptions"] if "second was asked instead" in text and BROKEN in text]
        assert [(call.model, call.outcome) for call in calls_of(acme)] == [("small", "failed"), ("second", "ok")]
        assert body["metadata"]["cost_usd"] == f"{COST}"
        body = query_json(ask("How many customers are there?"))
    assert body["engine"] == "builtin"
    assert [text for text in body["assumptions"] if "does not accept the key" in text]


def test_the_breaker_opens_after_five_questions_and_closes_again(ask: Ask, acme: Organization, settings: Any) -> None:
    with ModelServer(replies([{"status": 500, "times": 5}, ANSWER])) as server:
        configure(settings, model_base_url=server.url, model_max_retries=0, model_circuit_open_seconds=1.5)
        for _ in range(6):
            body = query_json(ask(QUESTION))
            assert body["engine"] == "builtin"
        opened = time.monotonic()
        assert any("did not work just now" in text for text in body["assumptions"])
        assert len(server.received) == 5
        assert [call.outcome for call in calls_of(acme)] == [*["failed"] * 5, "circuit_open"]
        with pytest.raises(Exception, match="is left alone for"):
            services.check_models()
        time.sleep(max(0.0, 1.6 - (time.monotonic() - opened)))
        assert query_json(ask(QUESTION))["engine"] == "model"
        assert services.check_models() == "1 providers are let through"
