"""A replay server whose replies go to the agents by what their prompts begin with."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.model_server import ModelServer
from tests.model_server.fixtures import dead_url
from tests.queries.engines.model.conftest import _lease_is_not_renewed, ask, configure, policy, serve

__all__ = ["_lease_is_not_renewed", "ask", "dead_url", "policy", "serve"]
OPENINGS = {
    "planner": "You plan how a person",
    "sql": "You turn a person",
    "chart": "You choose how the rows",
    "web_research": "You read what a search",
    "synthesizer": "You put the result",
}


def to(agent: str, answer: Any, **more: Any) -> dict[str, Any]:
    """A reply to this agent's calls, however often it asks."""
    return {"when": OPENINGS[agent], "json": answer, **more}


def asked_of(server: ModelServer, agent: str) -> list[str]:
    """What this agent was asked, call by call."""
    return [request.text for request in server.received if OPENINGS[agent] in request.text]


@pytest.fixture
def agents(serve: Callable[..., ModelServer], settings: Any) -> Callable[..., ModelServer]:
    """Starts a replay server as the model of all agents."""

    def start(*script: dict[str, Any], **values: Any) -> ModelServer:
        server = serve(*script)
        configure(settings, model_base_url=server.url, model_agents="all", **values)
        return server

    return start
