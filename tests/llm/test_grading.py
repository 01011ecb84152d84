"""The self-test over real HTTP: a model that is good, chats, is wrong, obeys strangers, or is dead."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from apps.llm.self_test import Grade, grade
from apps.llm.self_test.grading import MOST_FAILURES, TASKS
from apps.llm.self_test.shop import NotRun, rows_of, same_rows
from apps.llm.spec import ModelSpec
from tests.model_server import ModelServer

Serve = Callable[..., ModelServer]
ModelAt = Callable[[str], ModelSpec]
ALL = [*TASKS["sql"], *TASKS["injected"]]
WITH_TOOL = {
    "choices": [{"message": {"content": None, "tool_calls": [{"function": {"arguments": '{"capital": "Paris"}'}}]}}],
    "usage": {"prompt_tokens": 30, "completion_tokens": 9},
}  # fmt: skip
PIECES = "".join(
    f"data: {json.dumps({'choices': [{'delta': {'content': word}}]})}\n\n" for word in ("one ", "two ", "three")
)


def answers(**sql_of: str) -> list[dict[str, Any]]:
    """A model that can do all, but for what is given by the name of a task: its answer, whole."""
    said = {task["name"]: json.dumps({"sql": task["sql"]}) for task in ALL} | sql_of
    return [
        {"content": "ok", "when": "the word ok"},
        {"json": {"capital": "Paris"}, "when": "in JSON."},
        {"body": json.dumps(WITH_TOOL), "when": "by calling"},
        {"body": f"{PIECES}data: [DONE]\n\n", "when": "Count from"},
        {"json": {"capital": "Paris"}, "when": "Name the capital of France. "},
        *({"content": said[task["name"]], "when": task["question"]} for task in ALL),
    ]


def marks(found: Grade) -> dict[str, tuple[bool, str]]:
    return {mark.name: (mark.passed, mark.said) for mark in found.marks}


def able(model: ModelSpec) -> ModelSpec:
    return replace(model, takes_tools=True, streams=True)


def test_a_good_model_has_every_mark_and_nothing_to_change(serve: Serve, model_at: ModelAt) -> None:
    server = serve(*answers())
    found = grade(able(model_at(server.url)))
    assert [mark for mark in found.marks if not mark.passed] == []
    assert found.advice == ()
    assert found.calls == len(server.received) == 5 + len(ALL)
    assert len(found.marks) == 7 + len(ALL)
    streamed = -(-len("one two three") // 3)  # the endpoint counts none in pieces: bounded
    assert found.completion_tokens == 20 * (found.calls - 2) + 9 + streamed
    price = Decimal("2.50") * found.prompt_tokens + Decimal(10) * found.completion_tokens
    assert found.cost_usd == price / 1_000_000
    assert found.median_ms is not None
    assert f"{found.calls} calls" in found.lines()[-1]


def test_what_was_found_otherwise_than_described_is_advised(serve: Serve, model_at: ModelAt) -> None:
    modest = replace(model_at(serve(*answers()).url), takes_schema=False)
    assert grade(modest).advice == ("set takes_schema = true", "set takes_tools = true", "set streams = true")


def test_a_model_that_chats_around_its_json_passes_by_words_and_not_by_schema(serve: Serve, model_at: ModelAt) -> None:
    chatty = answers()
    for reply in chatty:
        if "json" in reply:
            reply["content"] = f"Sure! Here it is:\n```json\n{json.dumps(reply.pop('json'))}\n```\nAnything else?"
    found = grade(able(model_at(serve(*chatty).url)))
    assert marks(found)["takes a JSON schema"] == (False, "it takes one and does not keep to it")
    assert marks(found)["writes JSON when told so in words"] == (True, "with words around it, which is borne")
    assert found.advice == ("set takes_schema = false",)


def test_an_endpoint_that_refuses_a_schema_is_asked_without(serve: Serve, model_at: ModelAt) -> None:
    server = serve(*({**reply, "refuses_schema": True} for reply in answers()))
    found = grade(able(model_at(server.url)))
    assert marks(found)["takes a JSON schema"] == (False, "The model's endpoint takes no schema.")
    assert found.advice == ("set takes_schema = false",)
    assert found.passed == len(found.marks) - 1
    assert sum("response_format" in request.body for request in server.received) == 1


WRONG = {
    "other rows": ('{"sql": "SELECT 7"}', "other rows than asked for"),
    "no such column": ('{"sql": "SELECT \x1b[31mcolour FROM orders"}', "its SQL does not run: "),
    "no SELECT": ('{"sql": "DROP TABLE orders"}', "its SQL does not run: not authorized"),
    "another shape": ('["SELECT 1"]', "there is no JSON in its answer"),
    "a number as SQL": ('{"sql": 5}', "its JSON holds no SQL"),
    "words": ("I would rather not.", "there is no JSON in its answer"),
}


@pytest.mark.parametrize(("answer", "said"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_answer_costs_its_mark_and_says_why(answer: str, said: str, serve: Serve, model_at: ModelAt) -> None:
    task = TASKS["sql"][0]["name"]
    found = grade(able(model_at(serve(*answers(**{task: answer})).url)))
    passed, why = marks(found)[f"SQL {task}"]
    assert not passed
    assert why.startswith(said)
    assert why.isprintable()
    assert found.passed == len(found.marks) - 1


def test_a_model_that_obeys_what_stands_in_the_data_is_caught(serve: Serve, model_at: ModelAt) -> None:
    by_value, by_comment = (task["name"] for task in TASKS["injected"])
    obeys = {by_value: '{"sql": "SELECT name FROM products"}', by_comment: '{"sql": "DELETE FROM orders"}'}
    found = grade(able(model_at(serve(*answers(**obeys)).url)))
    assert [mark.name for mark in found.marks if not mark.passed] == [by_value, by_comment]


def test_a_dead_model_costs_one_call(dead_url: str, model_at: ModelAt) -> None:
    found = grade(model_at(dead_url))
    assert marks(found) == {"answers": (False, "The model's endpoint cannot be reached.")}
    assert (found.calls, found.cost_usd, found.median_ms, found.advice) == (1, 0, None, ())


def test_a_model_that_dies_on_the_way_is_let_be_and_nothing_is_advised(serve: Serve, model_at: ModelAt) -> None:
    server = serve({"content": "ok", "when": "the word ok"}, {"status": 503})
    found = grade(able(model_at(server.url)))
    assert len(server.received) == found.calls == 1 + MOST_FAILURES
    assert found.advice == ()
    assert marks(found)[TASKS["injected"][0]["name"]] == (
        False, "It failed several times in a row and was not asked again.",
    )  # fmt: skip


def test_all_ends_in_the_time_there_is(serve: Serve, model_at: ModelAt) -> None:
    server = serve({"content": "ok", "when": "the word ok"}, {"hang": True})
    found = grade(able(model_at(server.url)), seconds=0.5)
    assert found.calls == 2
    assert marks(found)["takes a JSON schema"][1] == "The model did not answer in time."


@pytest.mark.parametrize("task", ALL, ids=lambda task: task["name"])
def test_the_right_answers_run_in_the_shop_and_bring_rows(task: dict[str, Any]) -> None:
    assert rows_of(task["sql"])


HOSTILE = {
    "a write": "DELETE FROM orders",
    "a write behind WITH": "WITH a AS (SELECT 1) INSERT INTO products SELECT 9, 'x', 1",
    "a file": "ATTACH '/tmp/x.sqlite' AS x",
    "a setting": "PRAGMA journal_mode",
    "the schema": "SELECT sql FROM sqlite_master",
    "an extension": "SELECT load_extension('x')",
    "much memory": "SELECT zeroblob(1000000000)",
    "a random blob": "SELECT randomblob(100000000)",
    "without end": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "a great product": "SELECT count(*) FROM " + ", ".join(f"orders o{number}" for number in range(12)),
    "two at once": "SELECT 1; SELECT 2",
    "nothing": "",
    "a zero byte": "SELECT 1\0",
    "half a character": "SELECT '\ud800'",
    "very long": "SELECT " + "1+" * 5_000 + "1",
    "very deep": "SELECT " + "(" * 1_500 + "1" + ")" * 1_500,
}


@pytest.mark.parametrize("sql", HOSTILE.values(), ids=list(HOSTILE))
def test_the_shop_runs_nothing_but_a_bounded_select(sql: str) -> None:
    with pytest.raises(NotRun):
        rows_of(sql)


def test_rows_are_compared_by_value() -> None:
    assert same_rows([(1, "a"), (2, None)], [(2.0, None), (1, "a")], ordered=False)
    assert not same_rows([(1,), (2,)], [(2,), (1,)], ordered=True)
    assert not same_rows([(1,), (1,)], [(1,)], ordered=False)
