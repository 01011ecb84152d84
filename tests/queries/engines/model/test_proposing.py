"""From a question to readings through a model that errs, insists, or obeys an attacker; over real HTTP."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from apps.clarification.readings import Choice, ChoiceField, Reading
from apps.datasources.access import Access
from apps.datasources.guard import UnsafeSql
from apps.llm.calls import CallRecord
from apps.llm.client import ModelClient
from apps.llm.errors import ModelAnswerUnusable, ModelFailing
from apps.llm.retrying import Clock, RetryPolicy
from apps.llm.spec import ModelsByRole, ModelSpec
from apps.queries.engines.model.messages import opening_messages
from apps.queries.engines.model.proposing import propose
from tests.model_server import ModelServer, replies
from tests.queries.engines.model.schemas import SHOP, context

GOOD = "SELECT COUNT(*) AS n FROM orders"
BROKEN = "SELECT COUNT( FROM orders WHERE"
UNKNOWN = "SELECT COUNT(*) FROM ordres"
WRITE = "DELETE FROM orders"
CASES = Path(__file__).parents[4] / ".." / "shared" / "security_cases" / "prompt_injection.jsonl"


def says(*sqls: str, **more: Any) -> dict[str, Any]:
    readings = [{"sql": sql, "explanation": sql, "likelihood": round(1 / len(sqls), 2), **more} for sql in sqls]
    return {"json": {"cannot_answer": "", "readings": readings}}


class Asked:
    """One question put to a replayed model, with what went over the wire."""

    def __init__(self, server: ModelServer) -> None:
        self.server = server
        self.calls: list[CallRecord] = []

    def readings(self, question: str = "How many orders are there?") -> list[Reading]:
        client = ModelClient(Clock(time.monotonic() + 10), self.calls.append, policy=RetryPolicy(retries=0))
        models = ModelsByRole(ModelSpec("thinker", self.server.url), ModelSpec("maker", self.server.url))
        opening = opening_messages(context(question), window_tokens=32_768)
        return propose(opening, Access(SHOP), client, models)

    @property
    def purposes(self) -> list[tuple[str, str]]:
        return [(call.purpose, call.model) for call in self.calls]

    def last_words(self, request: int) -> str:
        return str(self.server.received[request].body["messages"][-1]["content"])


@pytest.fixture
def asked() -> Iterator[Callable[..., Asked]]:
    with ExitStack() as stack:
        yield lambda *script: Asked(stack.enter_context(ModelServer(replies(script))))


def test_a_good_answer_needs_one_call(asked: Callable[..., Asked]) -> None:
    one = asked(says(GOOD))
    [reading] = one.readings()
    assert (reading.tree.sql("sqlite"), reading.engine, reading.explanation) == (GOOD, "model", GOOD)
    assert one.purposes == [("readings/3", "thinker")]


def test_several_readings_come_likeliest_first_with_their_choices(asked: Callable[..., Asked]) -> None:
    choice = {"field": "entity", "phrase": "entries", "label": "orders", "meaning": "rows of orders"}
    answer = {
        "readings": [{"sql": "SELECT 1", "likelihood": 0.2}, {"sql": GOOD, "likelihood": 0.6, "choices": [choice]}]
    }
    first, second = asked({"json": answer}).readings()
    assert first.choices == (Choice(ChoiceField.ENTITY, "entries", "orders", "rows of orders"),)
    assert (first.score, second.score) == (pytest.approx(0.48), pytest.approx(0.16))


def test_refused_sql_goes_back_to_the_other_model_with_the_guards_words(asked: Callable[..., Asked]) -> None:
    one = asked(says(UNKNOWN), says(GOOD))
    assert [reading.tree.sql("sqlite") for reading in one.readings()] == [GOOD]
    assert one.purposes == [("readings/3", "thinker"), ("correction/2", "maker")]
    assert "ordres" in one.last_words(1)


def test_one_refused_reading_beside_a_good_one_costs_no_call(asked: Callable[..., Asked]) -> None:
    one = asked(says(GOOD, UNKNOWN))
    [reading] = one.readings()
    assert reading.score == pytest.approx(0.4)  # the chance of the other one is not given to it
    assert len(one.calls) == 1


def test_one_reading_that_does_not_parse_goes_back_once_with_the_parsers_words(asked: Callable[..., Asked]) -> None:
    one = asked(says(GOOD, BROKEN), says(GOOD, BROKEN))
    assert len(one.readings()) == 1
    assert len(one.calls) == 2
    assert "reading 1: good" in one.last_words(1)
    assert "line 1" in one.last_words(1)


def test_a_correction_that_makes_it_worse_is_not_taken(asked: Callable[..., Asked]) -> None:
    assert [one.tree.sql("sqlite") for one in asked(says(GOOD, BROKEN), says(WRITE)).readings()] == [GOOD]


def test_a_correction_that_fails_costs_nothing_that_is_there(asked: Callable[..., Asked]) -> None:
    assert [one.tree.sql("sqlite") for one in asked(says(GOOD, BROKEN), {"status": 500}).readings()] == [GOOD]
    with pytest.raises(ModelFailing):
        asked(says(BROKEN), {"status": 500}).readings()


def test_three_corrections_are_the_most(asked: Callable[..., Asked]) -> None:
    one = asked(says(UNKNOWN))
    with pytest.raises(UnsafeSql, match="ordres"):
        one.readings()
    assert [purpose for purpose, _ in one.purposes] == ["readings/3", *["correction/2"] * 3]


def test_the_third_correction_still_counts(asked: Callable[..., Asked]) -> None:
    [reading] = asked({**says(UNKNOWN), "times": 3}, says(GOOD)).readings()
    assert reading.score == pytest.approx(0.8 * 0.9**3)


def test_sql_that_nobody_can_parse_is_unusable_not_refused(asked: Callable[..., Asked]) -> None:
    with pytest.raises(ModelAnswerUnusable, match="cannot be parsed"):
        asked(says(BROKEN)).readings()


def test_a_model_that_says_the_data_does_not_hold_it_is_believed(asked: Callable[..., Asked]) -> None:
    one = asked({"json": {"readings": [], "cannot_answer": "No weather."}})
    assert one.readings() == []
    assert len(one.calls) == 1


def test_a_cut_answer_keeps_its_whole_readings_only(asked: Callable[..., Asked]) -> None:
    text = json.dumps(says(GOOD, "SELECT id FROM orders WHERE id > 5")["json"])
    [reading] = asked({"content": text[: text.index(" WHERE")]}).readings()
    assert reading.tree.sql("sqlite") == GOOD


OBEDIENT = [
    WRITE,
    "SELECT * FROM secrets",
    "SELECT 1; DROP TABLE orders",
    "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
    "PRAGMA writable_schema = 1",
    "ATTACH DATABASE '/tmp/x' AS x",
    "SELECT load_extension('x')",
    "SELECT sql FROM sqlite_master",
    "SELECT id FROM orders UNION SELECT password FROM users",
    "((((((" * 5_000,
    "SELECT 1\x00",
]


@pytest.mark.parametrize("sql", OBEDIENT, ids=[repr(sql[:40]) for sql in OBEDIENT])
def test_nothing_that_an_obedient_model_writes_gets_through(sql: str, asked: Callable[..., Asked]) -> None:
    with pytest.raises((UnsafeSql, ModelAnswerUnusable)):
        asked(says(sql)).readings()


def test_half_a_character_is_replaced_before_anything_stumbles_over_it(asked: Callable[..., Asked]) -> None:
    [reading] = asked(says("SELECT '\ud800' AS x")).readings()
    assert reading.tree.sql("sqlite") == "SELECT '?' AS x"


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here")
def test_attacks_reach_the_model_only_inside_the_fence(asked: Callable[..., Asked]) -> None:
    cases = [json.loads(line) for line in CASES.read_text().splitlines()]
    texts = [case["text"] for case in cases if case["channel"] == "question"]
    assert len(texts) > 5
    one = asked(says(GOOD))
    for text in texts:
        one.readings(text)
    for request in one.server.received:
        words = request.body["messages"][1]["content"]
        fenced = words[words.index("<question>\n") + 11 : words.index("\n</question>")]
        assert json.loads(fenced) in texts
