"""The planner in the journey: its plan is carried out, its failures cost nothing, overrides reach it."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.llm.models import ModelCall
from apps.queries.models import Query, Status
from apps.queries.presentation import query_json
from tests.model_server import ModelServer
from tests.queries.agents.conftest import asked_of, to

QUESTION = "How many customers are there in each country?"
COUNTS = "SELECT country, COUNT(*) AS n FROM customers GROUP BY country"
READING = {"readings": [{"sql": COUNTS, "explanation": "number of customers, by country", "likelihood": 0.9}]}
SYNTHESIS = {"agent": "synthesis", "task": "name the country with most"}
PLAN = {"steps": [{"agent": "sql", "task": "count customers by country"}, SYNTHESIS]}
Agents = Callable[..., ModelServer]
Ask = Callable[..., Query]


def planning_of(query: Query) -> dict[str, Any]:
    return next(step for step in query_json(query)["data_sources"] if step["type"] == "planning")


def test_the_models_plan_is_carried_out_and_stands_on_record(agents: Agents, ask: Ask) -> None:
    server = agents(to("planner", PLAN, prompt_tokens=400, completion_tokens=40), to("sql", READING))
    query = ask(QUESTION)
    step = planning_of(query)
    assert (step["model"], step["tokens"], step["cost_usd"]) == ("small", {"prompt": 400, "completion": 40}, "0.0014")
    assert (step["plan"], step["planned_by"]) == (["sql", "synthesis"], "model")
    assert step["tasks"] == {
        "sql": "count customers by country",
        "synthesis": "name the country with most",
    }
    assert query_json(query)["metadata"]["plan"] == ["sql", "synthesis"]
    assert "count customers by country" in asked_of(server, "sql")[0]
    assert not asked_of(server, "chart")  # the plan has none


FAULTS = {
    "prose": {"content": "Let me think about it."},
    "another shape": {"json": READING},
    "nothing": {"content": ""},
    "agents that there are not": {"json": {"steps": [{"agent": "shell", "task": "rm"}]}},
}


@pytest.mark.parametrize("reply", FAULTS.values(), ids=list(FAULTS))
def test_a_planner_that_is_of_no_use_costs_only_its_call(reply: dict[str, Any], agents: Agents, ask: Ask) -> None:
    agents({"when": "You plan how", **reply}, to("sql", READING))
    query = ask(QUESTION)
    assert (query.status, query_json(query)["engine"]) == (Status.ANSWERED, "model")
    step = planning_of(query)
    assert (step["planned_by"], step["plan"]) == ("rule", ["sql", "chart", "synthesis"])
    assert step["notes"]
    assert ModelCall.objects.order_by("id")[0].outcome == "unusable"


def test_an_endpoint_that_failed_the_planner_is_not_asked_by_the_others(agents: Agents, ask: Ask) -> None:
    server = agents({"status": 401})
    query = ask(QUESTION)
    body = query_json(query)
    assert (body["status"], body["engine"]) == ("answered", "builtin")
    assert any("does not accept the key" in one for one in body["assumptions"])
    assert len(server.received) == 1


def test_the_planner_may_say_that_the_data_cannot_answer(agents: Agents, ask: Ask) -> None:
    server = agents(to("planner", {"cannot_answer": "The data holds no weather.", "steps": []}))
    query = ask("How was the weather in the summer of our founding year?")
    assert (query.status, query.error_code) == (Status.CANNOT_ANSWER, "not_in_data")
    assert query.error_message == "The data holds no weather."
    assert not asked_of(server, "sql")


def test_a_plan_that_answers_and_says_that_it_cannot_is_carried_out(agents: Agents, ask: Ask) -> None:
    agents(to("planner", {**PLAN, "cannot_answer": "n/a"}), to("sql", READING))
    assert ask(QUESTION).status == Status.ANSWERED


@pytest.mark.parametrize("named", ["none", "chart,synthesizer"])
def test_the_installation_says_which_agents_ask_a_model(named: str, agents: Agents, ask: Ask, settings: Any) -> None:
    server = agents(to("planner", PLAN), to("sql", READING))
    settings.PARLEY = settings.PARLEY.model_copy(update={"model_agents": named})
    assert ask(QUESTION).status == Status.ANSWERED
    assert not asked_of(server, "planner")


def test_no_agent_asks_a_model_beside_the_built_in_engine(agents: Agents, ask: Ask) -> None:
    server = agents(to("planner", PLAN))
    body = query_json(ask(QUESTION, engine="builtin"))
    assert (body["status"], server.received) == ("answered", [])
    assert all(step["model"] is None for step in body["data_sources"])
