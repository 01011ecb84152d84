"""The fault table: what an endpoint may do wrong over real HTTP, how each ends, and what stands on record of it.

Each row names the replies, what the call's record must say, how many requests came, and the error where there is one.
Every row ends within its clock; afterwards no thread and no connection is left.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import psutil
import pytest
from pydantic import BaseModel

from apps.llm.calls import CallRecord
from apps.llm.client import ModelClient
from apps.llm.connections import close_connections
from apps.llm.errors import (
    KeyNotAccepted,
    ModelAnswerUnusable,
    ModelBusy,
    ModelError,
    ModelFailing,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)
from apps.llm.spec import ModelSpec
from apps.llm.structured import Repair, ask_for
from tests.llm.conftest import KEY
from tests.model_server import ModelServer, replies

GOOD = {"sql": "SELECT 42"}
TOKENS = {"prompt_tokens": 1_000, "completion_tokens": 7}
ANSWER: dict[str, Any] = {"json": GOOD, **TOKENS}
COST = Decimal("0.00257")  # 1,000 tokens at 2.50 and 7 at 10 US dollars a million
QUESTION = [{"role": "user", "content": "a prompt that must never be shown"}]
ModelAt = Callable[[str], ModelSpec]
MakeClient = Callable[..., ModelClient]


class Answer(BaseModel):
    sql: str


@dataclass(frozen=True)
class Fault:
    """Replies, and what must come of them: each call's outcome and attempts, which of them were billed, the error."""

    script: tuple[dict[str, Any], ...]
    calls: tuple[tuple[str, int], ...]
    error: type[ModelError] | None = None
    billed: int = 1
    seconds: float = 10
    timeout_seconds: float = 5
    streams: bool = False


def said(text: str, **reply: Any) -> dict[str, Any]:
    return {"content": text, **TOKENS, **reply}


OK, ONCE, NO = (("ok", 1),), (("unusable", 1), ("ok", 1)), (("unusable", 1), ("unusable", 1))
FAULTS = {
    "a good answer": Fault((ANSWER,), OK),
    "429 with Retry-After": Fault(({"status": 429, "headers": {"Retry-After": "1"}}, ANSWER), (("ok", 2),)),
    "429 without": Fault(({"status": 429}, ANSWER), (("ok", 2),)),
    "429 always": Fault(({"status": 429},), (("rate_limited", 4),), ModelBusy, 0),
    "429 for longer than there is time": Fault(
        ({"status": 429, "headers": {"Retry-After": "60"}},), (("rate_limited", 1),), ModelBusy, 0
    ),
    "500 twice then fine": Fault(({"status": 500, "times": 2}, ANSWER), (("ok", 3),)),
    "500 always": Fault(({"status": 500},), (("failed", 4),), ModelFailing, 0),
    "501, which no retry helps": Fault(({"status": 501},), (("failed", 1),), ModelFailing, 0),
    "529 once": Fault(({"status": 529}, ANSWER), (("ok", 2),)),
    "a wrong key": Fault(({"status": 401},), (("refused", 1),), KeyNotAccepted, 0),
    "no right": Fault(({"status": 403},), (("refused", 1),), ModelRefused, 0),
    "an unknown model": Fault(({"status": 404},), (("refused", 1),), ModelRefused, 0),
    "a redirect": Fault(
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}},), (("refused", 1),), ModelRefused, 0
    ),
    "no answer in time, once": Fault(({"delay_seconds": 1, **ANSWER}, ANSWER), (("ok", 2),), timeout_seconds=0.3),
    "never an answer": Fault(({"hang": True},), (("timeout", 3),), ModelTimeout, 0, 1, 0.4),
    "hanging up, once": Fault(({"hang_up": True}, ANSWER), (("ok", 2),)),
    "hanging up, always": Fault(({"hang_up": True},), (("unreachable", 4),), ModelUnavailable, 0),
    "a cut body, once": Fault(({"cut": True, **ANSWER}, ANSWER), (("ok", 2),)),
    "a cut body, always": Fault(({"cut": True, **ANSWER},), (("unreachable", 4),), ModelUnavailable, 0),
    "a slow drip": Fault(({"drip_seconds": 0.02, **ANSWER},), (("timeout", 1),), ModelTimeout, 0, 0.5),
    "a slowly dripping head": Fault(({"drip_head_seconds": 0.05, **ANSWER},), (("timeout", 1),), ModelTimeout, 0, 0.5),
    "prose": Fault((said("I would love to help!"), ANSWER), ONCE, billed=2),
    "prose, always": Fault((said("I would love to help!"),), NO, ModelAnswerUnusable, 2),
    "fences": Fault((said('Here you are:\n```json\n{"sql": "SELECT 42"}\n```\nAnything else?'),), OK),
    "a think-block": Fault((said('<think>{"sql": "DROP"}?</think>{"sql": "SELECT 42"}'),), OK),
    "a think-block without an end": Fault((said('<think>perhaps {"sql": "SELECT 1"}'), ANSWER), ONCE, billed=2),
    "truncated JSON": Fault((said('{"sql": "SELECT 42', finish_reason="length"), ANSWER), ONCE, billed=2),
    "truncated JSON, always": Fault((said('{"sql": "SELECT 42', finish_reason="length"),), NO, ModelAnswerUnusable, 2),
    "the wrong schema": Fault((said('{"statement": "SELECT 42"}'), ANSWER), ONCE, billed=2),
    "empty": Fault((said(""), ANSWER), ONCE, billed=2),
    "an empty body": Fault(({"body": ""},), (("unusable", 1),), ModelAnswerUnusable, 0),
    "2 MB": Fault((said("x" * 1_000, repeat=2_000),), (("unusable", 1),), ModelAnswerUnusable, 0),
    "HTML": Fault(({"body": "<html>proxy error</html>"},), (("unusable", 1),), ModelAnswerUnusable, 0),
    "invalid UTF-8": Fault(
        ({"body": '{"choices": [{"message": {"content": "é"}}]}', "encoding": "latin-1"},), (("unusable", 1),),
        ModelAnswerUnusable, 0,
    ),
    "no choices": Fault(({"body": '{"choices": []}'},), (("unusable", 1),), ModelAnswerUnusable, 0),
    "a refusal": Fault(({"message": {"content": None, "refusal": "No."}},), (("unusable", 1),), ModelAnswerUnusable, 0),
    "content in parts": Fault(
        ({"message": {"content": [{"type": "text", "text": '{"sql": "SELECT 42"}'}]}, **TOKENS},), OK
    ),
    "thoughts beside the content": Fault(
        ({"message": {"content": '{"sql": "SELECT 42"}', "reasoning_content": '{"sql": "DROP"}'}, **TOKENS},), OK
    ),
    "NUL and half a character": Fault((said('{"sql": "SELECT 42\\u0000\\ud800"}'), ANSWER), OK),
    "no schema taken": Fault(({"refuses_schema": True, **ANSWER},), (("refused", 1), ("ok", 1))),
    "streamed": Fault((ANSWER,), OK, streams=True),
    "streamed, last event missing": Fault(({"without_done": True, **ANSWER},), OK, streams=True),
    "streamed, cut once": Fault(({"cut": True, **ANSWER}, ANSWER), (("ok", 2),), streams=True),
    "streamed, cut always": Fault(({"cut": True, **ANSWER},), (("unreachable", 4),), ModelUnavailable, 0, streams=True),
    "streamed, ended too early": Fault(
        ({"ends_early": True, **ANSWER},), (("unreachable", 4),), ModelUnavailable, 0, streams=True
    ),
    "streamed, failing midway, once": Fault(({"fails_midway": True, **ANSWER}, ANSWER), (("ok", 2),), streams=True),
    "streamed, dripping": Fault(
        ({"drip_seconds": 0.2, **ANSWER},), (("timeout", 1),), ModelTimeout, 0, 0.5, streams=True
    ),
    "streamed, 2 MB": Fault(
        (said("x" * 1_000, repeat=2_000),), (("unusable", 1),), ModelAnswerUnusable, 0, seconds=20, timeout_seconds=15,
        streams=True,
    ),
    "streamed prose": Fault((said("I would love to help!"), ANSWER), ONCE, billed=2, streams=True),
    "asked to stream, answered whole": Fault(
        ({"body": '{"choices": [{"message": {"content": "{\\"sql\\": \\"SELECT 42\\"}"}}], "usage": '
          '{"prompt_tokens": 1000, "completion_tokens": 7}}'},), OK, streams=True,
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No thread of ours and no connection outlives a call and its pools."""
    threads = threading.active_count()
    sockets = len(psutil.Process(os.getpid()).net_connections("tcp"))
    yield
    close_connections()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        left = threading.active_count() - threads, len(psutil.Process(os.getpid()).net_connections("tcp")) - sockets
        if left[0] <= 0 and left[1] <= 0:
            return
        time.sleep(0.02)
    raise AssertionError(f"threads and connections that are left: {left}")


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_each_fault_ends_as_it_should(
    fault: Fault, model_at: ModelAt, client: MakeClient, calls: list[CallRecord]
) -> None:
    with ModelServer(replies(fault.script)) as server:
        model = replace(model_at(server.url), streams=fault.streams, name=f"m{server.url[-9:-3]}")
        asking = client(seconds=fault.seconds, timeout_seconds=fault.timeout_seconds)
        started = time.monotonic()
        if fault.error is None:
            found = ask_for(Answer, asking, model, QUESTION, purpose="test", repair=Repair(model, "repair"))
            assert found.sql.startswith("SELECT 42")
        else:
            with pytest.raises(fault.error) as caught:
                ask_for(Answer, asking, model, QUESTION, purpose="test", repair=Repair(model, "repair"))
            assert type(caught.value) is fault.error
            for secret in (KEY, "127.0.0.1", "http", QUESTION[0]["content"], "proxy error"):
                assert secret not in caught.value.message
        assert time.monotonic() - started < fault.seconds + 0.5
    assert tuple((call.outcome, call.attempts) for call in calls) == fault.calls
    assert len(server.received) == sum(attempts for _, attempts in fault.calls)
    assert sum(call.cost_usd for call in calls) == COST * fault.billed
    assert sum(call.prompt_tokens + call.completion_tokens for call in calls) == 1_007 * fault.billed


def test_a_dead_port_is_unreachable_after_all_attempts(
    dead_url: str, model_at: ModelAt, client: MakeClient, calls: list[CallRecord]
) -> None:
    with pytest.raises(ModelUnavailable):
        ask_for(Answer, client(), model_at(dead_url), QUESTION, purpose="test")
    assert [(call.outcome, call.attempts) for call in calls] == [("unreachable", 4)]


def test_a_name_that_does_not_resolve_is_unreachable(
    model_at: ModelAt, client: MakeClient, calls: list[CallRecord]
) -> None:
    with pytest.raises(ModelUnavailable):
        ask_for(Answer, client(), model_at("http://nobody.invalid/v1"), QUESTION, purpose="test")
    assert calls[0].outcome == "unreachable"


def test_a_third_of_failing_requests_costs_no_answer(model_at: ModelAt, client: MakeClient) -> None:
    script = [{"status": 503}, ANSWER, ANSWER] * 12
    with ModelServer(replies(script)) as server:
        model = model_at(server.url)
        found = [ask_for(Answer, client(), model, QUESTION, purpose="test").sql for _ in range(24)]
    assert found == ["SELECT 42"] * 24
    assert len(server.received) == 36


def test_clients_told_to_wait_come_back_neither_early_nor_together(model_at: ModelAt, client: MakeClient) -> None:
    """F15, F16: after a pause that was asked for, the next requests are spread."""
    with ModelServer(replies([{"status": 429, "headers": {"Retry-After": "1"}, "times": 8}, ANSWER])) as server:
        arrived: list[float] = []
        plain = server.reply_to
        server.reply_to = lambda request: (arrived.append(time.monotonic()), plain(request))[1]  # type: ignore[method-assign]
        policy = replace(client().policy, first_seconds=0.5)
        ask = lambda: ask_for(Answer, client(policy=policy), model_at(server.url), QUESTION, purpose="test")  # noqa: E731
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    first, then = sorted(arrived)[:8], sorted(arrived)[8:]
    assert then[0] - first[-1] > 0.9
    assert then[-1] - then[0] > 0.1
