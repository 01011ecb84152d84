"""Typed answers over real HTTP: schema, tolerant reading, one repair."""

import json
from collections.abc import Callable

import pytest
from pydantic import BaseModel

from apps.llm.calls import CallRecord
from apps.llm.client import ModelClient
from apps.llm.errors import ModelAnswerUnusable, ModelFailing
from apps.llm.spec import ModelSpec
from apps.llm.structured import Repair, ask_for, strict_schema
from tests.model_server import ModelServer

QUESTION = [{"role": "user", "content": "How many?"}]
GOOD = {"json": {"sql": "SELECT 1", "tags": ["a"]}}
Serve = Callable[..., ModelServer]
Ask = Callable[..., "Answer"]


class Answer(BaseModel):
    sql: str
    tags: list[str] = []


@pytest.fixture
def ask(client: Callable[..., ModelClient], model_at: Callable[[str], ModelSpec]) -> Ask:
    def now(server: ModelServer, *, with_repair: bool = True, model: ModelSpec | None = None) -> Answer:
        asked = model or model_at(server.url)
        repair = Repair(asked, "repair") if with_repair else None
        return ask_for(Answer, client(), asked, QUESTION, purpose="test", repair=repair)

    return now


def test_the_schema_goes_with_the_request(serve: Serve, ask: Ask) -> None:
    server = serve(GOOD)
    assert ask(server) == Answer(sql="SELECT 1", tags=["a"])
    wanted = server.received[0].body["response_format"]
    assert wanted["type"] == "json_schema"
    schema = wanted["json_schema"]["schema"]
    assert (schema["required"], schema["additionalProperties"]) == (["sql", "tags"], False)


def test_an_endpoint_that_takes_no_schema_is_asked_without(serve: Serve, ask: Ask, calls: list[CallRecord]) -> None:
    server = serve({"refuses_schema": True, **GOOD})
    assert ask(server).sql == "SELECT 1"
    assert ["response_format" in request.body for request in server.received] == [True, False]
    assert [call.outcome for call in calls] == ["refused", "ok"]


def test_an_endpoint_known_to_take_none_is_not_sent_one(serve: Serve, ask: Ask, calls: list[CallRecord]) -> None:
    server = serve(GOOD)
    ask(server, model=ModelSpec("plain", server.url, takes_schema=False))
    assert ["response_format" in request.body for request in server.received] == [False]
    assert [call.model for call in calls] == ["plain"]


UNUSABLE = {
    "prose": ("I would be glad to help!", "holds no JSON object"),
    "nothing": ("", "holds no JSON object"),
    "the wrong type": ('{"sql": 42}', "sql: Input should be a valid string"),
    "a field missing": ('{"tags": []}', "sql: Field required"),
    "cut off": ('{"sql": "SELECT 1', "holds no JSON object"),
}


@pytest.mark.parametrize(("said", "complaint"), UNUSABLE.values(), ids=list(UNUSABLE))
def test_an_unusable_answer_is_sent_back_once_with_what_is_wrong(
    said: str, complaint: str, serve: Serve, ask: Ask, calls: list[CallRecord]
) -> None:
    server = serve({"content": said}, GOOD)
    assert ask(server).sql == "SELECT 1"
    assert [(call.purpose, call.outcome) for call in calls] == [("test", "unusable"), ("repair", "ok")]
    roles = [(message["role"], message["content"]) for message in server.received[1].body["messages"]]
    assert roles[1] == ("assistant", said or "(nothing)")
    assert complaint in roles[2][1]


def test_the_second_unusable_answer_is_the_last(serve: Serve, ask: Ask, calls: list[CallRecord]) -> None:
    server = serve({"content": "no"})
    with pytest.raises(ModelAnswerUnusable) as caught:
        ask(server)
    assert caught.value.message == "The model's answer does not have the shape that was asked for."
    assert len(calls) == len(server.received) == 2


def test_without_repair_there_is_no_second_call(serve: Serve, ask: Ask) -> None:
    server = serve({"content": "no"})
    with pytest.raises(ModelAnswerUnusable):
        ask(server, with_repair=False)
    assert len(server.received) == 1


def test_an_endpoint_that_is_none_is_not_asked_to_repair(serve: Serve, ask: Ask) -> None:
    server = serve({"body": "<html>"})
    with pytest.raises(ModelAnswerUnusable):
        ask(server)
    assert len(server.received) == 1


def test_a_repair_that_fails_fails_as_the_endpoint_does(serve: Serve, ask: Ask) -> None:
    with pytest.raises(ModelFailing):
        ask(serve({"content": "no"}, {"status": 500}))


def test_a_strict_schema_has_no_open_end() -> None:
    class Outer(BaseModel):
        parts: list[Answer] = []

    schema = strict_schema(Outer.model_json_schema())
    assert "default" not in json.dumps(schema)
    inner = schema["$defs"]["Answer"]
    assert (inner["additionalProperties"], inner["required"]) == (False, ["sql", "tags"])
    assert (schema["additionalProperties"], schema["required"]) == (False, ["parts"])
