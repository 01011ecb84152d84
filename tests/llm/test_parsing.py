"""JSON in whatever a model wraps around it."""

import json
import time
from typing import Any

import pytest

from apps.llm.parsing import Found, NoJson, find_json

WHOLE = {"readings": [{"sql": "SELECT '{' AS x", "note": 'a "quoted" ] word'}]}
TEXT = json.dumps(WHOLE)

WRAPPED = {
    "nothing around it": TEXT,
    "space around it": f"\n\n  {TEXT}  \n",
    "a fence": f"```json\n{TEXT}\n```",
    "a fence without a language": f"```\n{TEXT}\n```",
    "a fence that is not closed": f"```json\n{TEXT}",
    "prose before and after": f"Sure! Here it is:\n{TEXT}\nHope this helps.",
    "prose with brackets": f"As {{asked}} in [1], with (a) {{ b }}: {TEXT} [2]",
    "a fence after prose with brackets": f"For {{x}}:\n```json\n{TEXT}\n```",
    "a thought with other JSON in it": f'<think>perhaps {{"readings": []}}?</think>{TEXT}',
    "a thought whose beginning is missing": f'so {{"readings": []}} it is\n</think>\n{TEXT}',
    "JSON in a JSON string": json.dumps(TEXT),
    "a comma too many": TEXT.replace("}]", "},]"),
    "a smaller object before it": f'{{"a": 1}} and {TEXT}',
    "line breaks inside strings": TEXT.replace("SELECT ", "SELECT\n").replace("AS", "AS"),
}


@pytest.mark.parametrize("text", WRAPPED.values(), ids=list(WRAPPED))
def test_the_object_is_found(text: str) -> None:
    found = find_json(text)
    assert json.loads(json.dumps(found.value).replace("\\n", " ")) == WHOLE
    assert not found.was_cut


def test_a_list_of_objects_is_found() -> None:
    assert find_json('Readings: [{"sql": "SELECT 1"}]').value == [{"sql": "SELECT 1"}]


CUT: dict[str, tuple[str, Any]] = {
    "in the second entry": (
        '{"readings": [{"sql": "SELECT 1"}, {"sql": "SELECT 2 WHERE',
        {"readings": [{"sql": "SELECT 1"}]},
    ),
    "behind a thought": ('<think>a</think>[{"sql": "SELECT 1"}, {"sql": "SEL', [{"sql": "SELECT 1"}]),
    "in a fence": ('```json\n{"a": 1, "b": [{"c": 1}, {"c"', {"a": 1, "b": [{"c": 1}]}),
}


@pytest.mark.parametrize(("text", "kept"), CUT.values(), ids=list(CUT))
def test_what_stood_last_in_a_cut_answer_is_dropped(text: str, kept: Any) -> None:
    assert find_json(text) == Found(kept, was_cut=True)


NOTHING = {
    "nothing": "",
    "prose": "I cannot help with that.",
    "a number": "42",
    "a cut object": '{"sql": "SELECT COUNT(*) FROM orders',
    "a list with one cut entry": '[{"sql": "SELECT COUNT(*) FROM orders',
    "a thought that never ends": '<think>maybe {"sql": "SELECT 1"}',
    "a list of numbers": "[1, 2, 3]",
    "too long a text": TEXT + " " * 200_000,
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=list(NOTHING))
def test_where_there_is_no_whole_object_none_is_made_up(text: str) -> None:
    with pytest.raises(NoJson):
        find_json(text)


DIFFERENT = {
    "one after the other": '{"sql": "SELECT 1"}\n{"sql": "SELECT 2"}',
    "in prose": 'I would say {"sql": "SELECT 1"}, or rather {"sql": "SELECT 2 FROM t"}.',
    "in two fences": '```json\n{"sql": "SELECT 1"}\n```\nWait:\n```json\n{"sql": "SELECT 2"}\n```',
    "as lists": '[{"sql": "SELECT 1"}] [{"sql": "SELECT 2"}]',
}


@pytest.mark.parametrize("text", DIFFERENT.values(), ids=list(DIFFERENT))
def test_of_two_answers_none_is_taken(text: str) -> None:
    with pytest.raises(NoJson, match="different things"):
        find_json(text)


def test_the_same_answer_twice_is_one() -> None:
    assert find_json('{"sql": "SELECT 1"}\n```json\n{"sql": "SELECT 1"}\n```').value == {"sql": "SELECT 1"}


ODD = {
    "comments": '{"sql": "SELECT 1", // the best\n "b": 2 /* two */}',
    "other quotes": "{'sql': 'SELECT 1', 'b': 2}",
    "a byte order mark": '\ufeff{"sql": "SELECT 1", "b": 2}',
    "thoughts in channels": '<|channel|>analysis: {"a": 1}<|channel|>final<|message|>{"sql": "SELECT 1", "b": 2}',
}


@pytest.mark.parametrize("text", ODD.values(), ids=list(ODD))
def test_small_mistakes_are_borne(text: str) -> None:
    assert find_json(text).value == {"sql": "SELECT 1", "b": 2}


def test_numbers_keep_their_value() -> None:
    assert find_json('{"id": 123456789012345678901234567890}').value == {"id": 123456789012345678901234567890}


HOSTILE = {
    "opening braces": "{" * 200_000,
    "nested objects": '{"a":' * 40_000,
    "brackets and quotes": '["' * 100_000,
    "a string that never ends": '{"a": "' + 'x\\"' * 60_000,
    "thousands of small brackets": "{x y} " * 33_000,
    "thousands of thoughts": "<think>" * 20_000,
    "thousands of fences": "```\n" * 50_000,
}


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', 'So: {"b": {"a": 1, "a": 2}} there', '```json\n[{"a": 1, "a": 2}]\n```']
)
def test_two_things_under_one_name_are_no_answer(text: str) -> None:
    with pytest.raises(NoJson, match="twice"):
        find_json(text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_text_costs_little_time(text: str) -> None:
    started = time.thread_time()
    with pytest.raises(NoJson):
        find_json(text)
    assert time.thread_time() - started < 1.5
