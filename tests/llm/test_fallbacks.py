"""Models asked in place of others: in order, within one clock and one budget, on record, and told."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from apps.llm.answer_forms import Form, Wanted, forms_for
from apps.llm.calls import CallRecord
from apps.llm.client import MOST_MODELS, ModelClient
from apps.llm.errors import ModelAnswerUnusable, ModelFailing, ModelTimeout, PromptTooLong, TokensUsedUp
from apps.llm.shared_gate import SharedGate
from apps.llm.spec import ModelSpec
from apps.llm.structured import Repair, ask_for
from tests.model_server import ModelServer

QUESTION = [{"role": "user", "content": "How many?"}]
UNREACHABLE = "The model's endpoint cannot be reached."
WRONG_KEY = "The model's endpoint does not accept the key."
GOOD = {"json": {"sql": "SELECT 42"}}
Serve = Callable[..., ModelServer]
MakeClient = Callable[..., ModelClient]


class Answer(BaseModel):
    sql: str


def chain(*urls: str, **common: Any) -> ModelSpec:
    """Models named for their place, each with the next as its fallback."""
    model: ModelSpec | None = None
    for place, url in reversed(list(enumerate(urls, start=1))):
        model = ModelSpec(f"model-{place}", url, fallback=model, **common)
    assert model is not None
    return model


def asked(client: ModelClient, model: ModelSpec, **more: Any) -> str:
    return ask_for(Answer, client, model, QUESTION, purpose="test", **more).sql


def test_the_next_model_answers_and_it_is_told_why(
    serve: Serve, client: MakeClient, calls: list[CallRecord], dead_url: str
) -> None:
    asking = client()
    assert asked(asking, chain(dead_url, serve({"status": 401}).url, serve(GOOD).url)) == "SELECT 42"
    assert [(call.model, call.outcome, call.attempts) for call in calls] == [
        ("model-1", "unreachable", 4), ("model-2", "refused", 1), ("model-3", "ok", 1),
    ]  # fmt: skip
    told = [(one.sentence, one.code) for one in asking.fallbacks]
    assert told == [
        (f"The model model-1 could not be used ({UNREACHABLE}) model-2 was asked instead.", "model_unavailable"),
        (f"The model model-2 could not be used ({WRONG_KEY}) model-3 was asked instead.", "model_refused"),
    ]


def test_an_open_circuit_costs_no_time_before_the_next_model(
    serve: Serve, client: MakeClient, gate: Callable[..., SharedGate], calls: list[CallRecord]
) -> None:
    model = chain(serve({"status": 401}).url, serve(GOOD).url)
    asking = client(gate=gate(open_seconds=30))
    asked(asking, model)
    started = time.monotonic()
    asked(asking, model)
    assert time.monotonic() - started < 0.2
    assert [call.outcome for call in calls] == ["refused", "ok", "circuit_open", "ok"]


def test_where_all_fail_the_last_one_is_told(serve: Serve, client: MakeClient) -> None:
    with pytest.raises(ModelFailing):
        asked(client(), chain(serve({"status": 401}).url, serve({"status": 501}).url))


def test_a_model_that_hangs_leaves_time_for_the_next(serve: Serve, client: MakeClient) -> None:
    started = time.monotonic()
    assert asked(client(seconds=1), chain(serve({"hang": True}).url, serve(GOOD).url)) == "SELECT 42"
    assert time.monotonic() - started < 0.8


def test_all_of_them_share_one_clock(serve: Serve, client: MakeClient) -> None:
    hanging = serve({"hang": True}).url
    started = time.monotonic()
    with pytest.raises(ModelTimeout):
        asked(client(seconds=0.6), chain(hanging, hanging, hanging))
    assert time.monotonic() - started < 0.9


def test_a_chain_is_bounded_also_where_it_bites_its_tail(serve: Serve, client: MakeClient) -> None:
    server = serve({"status": 404})
    with pytest.raises(Exception, match="does not know the model"):
        asked(client(), chain(*[server.url] * 9))
    assert len(server.received) == MOST_MODELS
    model = ModelSpec("round", server.url)
    object.__setattr__(model, "fallback", model)
    with pytest.raises(Exception, match="does not know the model"):
        client().ask(model, QUESTION, purpose="test", accept=lambda said: said.text)
    assert len(server.received) == MOST_MODELS + 1


def test_a_useless_answer_is_repaired_first_then_the_next_model_is_asked(
    serve: Serve, client: MakeClient, calls: list[CallRecord]
) -> None:
    useless, good = serve({"content": "I would rather not."}), serve(GOOD)
    model, asking = chain(useless.url, good.url), client()
    assert asked(asking, model, repair=Repair(model, "repair")) == "SELECT 42"
    assert [(call.model, call.purpose) for call in calls] == [
        ("model-1", "test"), ("model-1", "repair"), ("model-2", "test"),
    ]  # fmt: skip
    assert [one.code for one in asking.fallbacks] == ["model_answer_unusable"]


def test_a_useless_answer_of_the_last_model_is_the_end(serve: Serve, client: MakeClient) -> None:
    useless = serve({"content": "no"})
    with pytest.raises(ModelAnswerUnusable):
        asked(client(), chain(useless.url, useless.url))
    assert len(useless.received) == 2


def test_a_prompt_that_does_not_fit_a_window_never_leaves_for_it(
    serve: Serve, client: MakeClient, calls: list[CallRecord]
) -> None:
    small, good = serve(GOOD), serve(GOOD)
    model = replace(chain(small.url, good.url), window_tokens=2)
    assert asked(client(), model) == "SELECT 42"
    assert not small.received
    with pytest.raises(PromptTooLong):
        asked(client(), replace(model, fallback=None))
    assert [call.model for call in calls] == ["model-2"]


def test_the_budget_of_a_question_is_no_reason_to_ask_another_model(serve: Serve, client: MakeClient) -> None:
    server = serve(GOOD)
    with pytest.raises(TokensUsedUp):
        asked(client(most_tokens=1), chain(server.url, server.url))
    assert not server.received


def test_all_calls_of_a_question_share_their_retries(serve: Serve, client: MakeClient) -> None:
    server = serve({"status": 500})
    asking = client()
    for _ in range(6):
        with pytest.raises(ModelFailing):
            asked(asking, chain(server.url))
    assert len(server.received) == 6 + asking.policy.retries_in_all


def test_functions_carry_the_answer_where_no_schema_is_taken(serve: Serve, client: MakeClient) -> None:
    server = serve({"calls_tool": True, **GOOD})
    assert asked(client(), ModelSpec("calls", server.url, takes_schema=False, takes_tools=True)) == "SELECT 42"
    body = server.received[0].body
    assert body["tool_choice"] == {"type": "function", "function": {"name": "Answer"}}
    assert body["tools"][0]["function"]["parameters"]["required"] == ["sql"]
    assert "response_format" not in body


def test_functions_are_streamed_too(serve: Serve, client: MakeClient) -> None:
    server = serve({"calls_tool": True, **GOOD})
    model = ModelSpec("calls", server.url, takes_schema=False, takes_tools=True, streams=True)
    assert asked(client(), model) == "SELECT 42"
    assert server.received[0].body["stream_options"] == {"include_usage": True}


def test_what_an_endpoint_refused_is_not_tried_again(serve: Serve, client: MakeClient, calls: list[CallRecord]) -> None:
    server = serve({"refuses_schema": True, "refuses_tools": True, **GOOD})
    model = ModelSpec("plain", server.url, takes_tools=True, name=f"plain-{server.url}")
    for _ in range(2):
        assert asked(client(), model) == "SELECT 42"
    sent = [sorted({"response_format", "tools"} & {*request.body}) for request in server.received]
    assert sent == [["response_format"], ["tools"], [], []]
    assert forms_for(model) == [Form.PROSE]
    assert forms_for(replace(model, name="another")) == [Form.SCHEMA, Form.TOOLS, Form.PROSE]


def test_each_model_is_asked_in_the_form_that_it_takes(serve: Serve, client: MakeClient) -> None:
    failing, plain = serve({"status": 404}), serve(GOOD)
    model = chain(failing.url, plain.url)
    assert model.fallback is not None
    asked(client(), replace(model, fallback=replace(model.fallback, takes_schema=False)))
    assert "response_format" in failing.received[0].body
    assert "response_format" not in plain.received[0].body


def test_azure_is_asked_by_deployment_and_version(serve: Serve, client: MakeClient) -> None:
    server = serve(GOOD)
    url = server.url.removesuffix("/v1")
    model = ModelSpec("azure", url, "sk-azure", name="our-gpt", api_version="2026-01-01")
    assert asked(client(), model) == "SELECT 42"
    [request] = server.received
    assert request.path == "/openai/deployments/our-gpt/chat/completions?api-version=2026-01-01"
    assert request.headers["api-key"] == "sk-azure"


def test_a_wanted_shape_is_a_value_of_json() -> None:
    wanted = Wanted("Answer", {"type": "object"})
    assert wanted.fields(Form.PROSE) == {}
    assert wanted.fields(Form.SCHEMA)["response_format"]["json_schema"]["strict"] is True
