"""One call over real HTTP: what is sent, what stands on record. Faults are in test_faults."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from apps.llm.calls import CallRecord
from apps.llm.client import ModelClient
from apps.llm.errors import ModelAnswerUnusable, ModelBusy, ModelRefused, ModelTimeout
from apps.llm.exchange import Said
from apps.llm.spec import ModelSpec
from apps.monitoring.metrics import MODEL_CALLS, MODEL_SECONDS, MODEL_TOKENS
from tests.llm.conftest import KEY
from tests.model_server import ModelServer

ANSWER: dict[str, Any] = {"content": "forty-two", "prompt_tokens": 1_000, "completion_tokens": 7}
COST = Decimal("0.00257")  # 1,000 tokens at 2.50 and 7 at 10 US dollars a million
QUESTION = [{"role": "user", "content": "a prompt that must never be shown"}]
Serve = Callable[..., ModelServer]
ModelAt = Callable[[str], ModelSpec]
MakeClient = Callable[..., ModelClient]


def text_of(said: Said) -> str:
    return said.text


def test_the_pause_that_an_endpoint_asks_for_is_kept(serve: Serve, model_at: ModelAt, client: MakeClient) -> None:
    server = serve({"status": 429, "headers": {"Retry-After": "1"}}, ANSWER)
    started = time.monotonic()
    client().ask(model_at(server.url), QUESTION, purpose="test", accept=text_of)
    assert 1 <= time.monotonic() - started < 5


def test_a_busy_endpoint_tells_how_long_to_wait(serve: Serve, model_at: ModelAt, client: MakeClient) -> None:
    server = serve({"status": 429, "headers": {"Retry-After": "60"}})
    with pytest.raises(ModelBusy) as caught:
        client().ask(model_at(server.url), QUESTION, purpose="test", accept=text_of)
    assert caught.value.retry_after_seconds == 60


def test_the_request_carries_model_key_and_correlation_id(serve: Serve, model_at: ModelAt, client: MakeClient) -> None:
    server = serve({"status": 500}, ANSWER)
    client().ask(model_at(server.url), QUESTION, purpose="test", accept=text_of)
    for request in server.received:
        assert request.path == "/v1/chat/completions"
        assert request.body == {"model": "small-2026", "messages": QUESTION}
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.headers["x-request-id"] == "correlation-0001"


def test_words_that_are_not_accepted_are_billed_and_on_record(
    serve: Serve, model_at: ModelAt, client: MakeClient, calls: list[CallRecord]
) -> None:
    def refuse(said: Said) -> str:
        raise ModelAnswerUnusable("Of no use.", answer=said.text)

    server = serve(ANSWER)
    with pytest.raises(ModelAnswerUnusable):
        client().ask(model_at(server.url), QUESTION, purpose="test", accept=refuse)
    assert [(call.outcome, call.cost_usd) for call in calls] == [("unusable", COST)]


@pytest.mark.parametrize("usage", [{"without_usage": True}, {"prompt_tokens": None, "completion_tokens": None}])
def test_tokens_are_bounded_where_the_endpoint_counts_none(
    usage: dict[str, Any], serve: Serve, model_at: ModelAt, client: MakeClient, calls: list[CallRecord]
) -> None:
    server = serve({"content": "forty-two", **usage})
    client().ask(model_at(server.url), QUESTION, purpose="test", accept=text_of)
    assert (calls[0].prompt_tokens, calls[0].completion_tokens) == (11, 3)


def test_no_call_is_made_or_recorded_when_the_time_is_over(
    serve: Serve, model_at: ModelAt, client: MakeClient, calls: list[CallRecord]
) -> None:
    server = serve(ANSWER)
    with pytest.raises(ModelTimeout):
        client(seconds=-1).ask(model_at(server.url), QUESTION, purpose="test", accept=text_of)
    assert (server.received, calls) == ([], [])


def test_calls_one_after_another_share_a_connection(serve: Serve, model_at: ModelAt, client: MakeClient) -> None:
    server = serve(ANSWER)
    for _ in range(5):
        client().ask(model_at(server.url), QUESTION, purpose="test", accept=text_of)
    assert (len(server.received), server.connections) == (5, 1)


def test_threads_may_call_at_once(serve: Serve, model_at: ModelAt, client: MakeClient, calls: list[CallRecord]) -> None:
    server = serve({"delay_seconds": 0.5, **ANSWER})
    model, asking = model_at(server.url), client()
    ask = lambda: asking.ask(model, QUESTION, purpose="test", accept=text_of)  # noqa: E731
    threads = [threading.Thread(target=ask) for _ in range(10)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started < 4  # one after the other they would take 5 seconds
    assert [call.outcome for call in calls] == ["ok"] * 10


def test_a_model_never_shows_its_key(model_at: ModelAt) -> None:
    assert KEY not in repr(model_at("http://127.0.0.1:1/v1"))


def test_no_log_line_holds_a_prompt_or_a_key_even_when_debugging(
    serve: Serve, model_at: ModelAt, client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve({"status": 500}, ANSWER)
    with caplog.at_level("DEBUG"):
        client().ask(model_at(server.url), QUESTION, purpose="test", accept=text_of)
    assert "model_call" in caplog.text
    assert KEY not in caplog.text
    assert QUESTION[0]["content"] not in caplog.text


def test_metrics_are_fed(serve: Serve, client: MakeClient) -> None:
    server = serve(ANSWER, {"status": 401})
    model = ModelSpec("measured", server.url)
    client().ask(model, QUESTION, purpose="test", accept=text_of)
    with pytest.raises(ModelRefused):
        client().ask(model, QUESTION, purpose="test", accept=text_of)
    said = {outcome: MODEL_CALLS.labels("measured", outcome)._value.get() for outcome in ("ok", "refused", "failed")}
    assert said == {"ok": 1, "refused": 1, "failed": 0}
    assert MODEL_TOKENS.labels("measured", "prompt")._value.get() == 1_000
    assert MODEL_TOKENS.labels("measured", "completion")._value.get() == 7
    assert MODEL_SECONDS.labels("measured")._sum.get() > 0
