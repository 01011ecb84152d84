"""SQL that the database does not run: corrected with its words, planned anew, left to the built-in engine."""

from collections.abc import Callable
from typing import Any

from apps.queries.models import Query, Status
from apps.queries.presentation import query_json
from tests.model_server import ModelServer
from tests.queries.agents.conftest import asked_of, to

QUESTION = "How many orders are there?"
FAILS = "SELECT id FROM orders WHERE COUNT(*) > 1"  # the guard has nothing against it, SQLite has
COUNTS = "SELECT COUNT(*) AS n FROM orders"
PLAN = {"steps": [{"agent": "sql", "task": "count the orders"}, {"agent": "synthesis", "task": "say how many"}]}
Agents = Callable[..., ModelServer]
Ask = Callable[..., Query]


def reading(sql: str) -> dict[str, Any]:
    return {"readings": [{"sql": sql, "explanation": "number of orders", "likelihood": 0.9}]}


def types_of(body: Any) -> list[str]:
    return [step["type"] for step in body["data_sources"] if step["status"] == "ok"]


def test_the_databases_words_lead_to_sql_that_runs(agents: Agents, ask: Ask) -> None:
    server = agents(
        to("planner", PLAN), {"when": "misuse of aggregate", "json": reading(COUNTS)}, to("sql", reading(FAILS))
    )
    body = query_json(ask(QUESTION, enable_charts=False))
    assert (body["status"], body["sql"].startswith(COUNTS)) == ("answered", True)
    assert len(asked_of(server, "sql")) == 2
    assert body["metadata"]["replans"] == 0
    failed = [step for step in body["data_sources"] if step["status"] == "failed"]
    assert [step["type"] for step in failed] == ["execution"]


def test_after_three_corrections_there_is_another_plan_and_then_the_other_engine(agents: Agents, ask: Ask) -> None:
    server = agents(to("planner", PLAN), to("sql", reading(FAILS)))
    body = query_json(ask(QUESTION, enable_charts=False))
    assert (body["status"], body["engine"]) == ("answered", "builtin")
    assert body["metadata"]["replans"] == 2
    assert len(asked_of(server, "sql")) == 5  # the first, three corrections, one for the second plan
    assert len(asked_of(server, "planner")) == 2
    assert "misuse of aggregate" in asked_of(server, "planner")[1]
    assert any("No SQL of the model's ran" in one for one in body["assumptions"])
    assert types_of(body).count("planning") == 3


def test_without_time_nothing_further_is_tried(agents: Agents, ask: Ask, settings: Any) -> None:
    server = agents(to("planner", PLAN), to("sql", reading(FAILS)), query_deadline_seconds=5)
    query = ask(QUESTION, enable_charts=False)
    assert (query.status, query.error_code) == (Status.FAILED, "sql_failed")
    assert len(asked_of(server, "sql")) == 1


def test_an_endpoint_that_is_gone_is_not_asked_again(agents: Agents, ask: Ask) -> None:
    server = agents(to("planner", PLAN), {"when": "misuse of aggregate", "status": 401}, to("sql", reading(FAILS)))
    body = query_json(ask(QUESTION, enable_charts=False))
    assert (body["status"], body["engine"]) == ("answered", "builtin")
    assert [request for request in server.received if "misuse of aggregate" in request.text][1:] == []
