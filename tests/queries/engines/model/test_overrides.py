"""Models that a request names: checked where it is accepted, used by the engine, on record."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.llm.models import ModelCall
from apps.queries.models import Query
from apps.queries.presentation import query_json
from tests.model_server import ModelServer
from tests.queries.engines.model.conftest import configure

QUESTION = "How many orders are there?"
UNKNOWN = {"json": {"readings": [{"sql": "SELECT COUNT(*) FROM ordres"}]}}
GOOD = {"json": {"readings": [{"sql": "SELECT COUNT(*) FROM orders"}]}}
Serve = Callable[..., ModelServer]


@pytest.fixture
def server(serve: Serve, settings: Any, tmp_path: Path) -> ModelServer:
    """A server behind three models: that of the environment and two of a file."""
    server = serve(UNKNOWN, GOOD)
    models = "".join(
        f'[[models]]\nkey = "{key}"\nname = "{key}-2026"\nbase_url = "{server.url}"\n' for key in ("thinker", "maker")
    )
    path = tmp_path / "models.toml"
    path.write_text(models)
    configure(settings, model_base_url=server.url, models_file=path)
    return server


@pytest.fixture
def post(client_of: Callable[[User], APIClient], alice: User, source: DataSource) -> Callable[..., Any]:
    def now(**more: Any) -> Any:
        body = {"question": QUESTION, "data_source": source.name, **more}
        return client_of(alice).post("/api/v1/queries", body, format="json")

    return now


@pytest.mark.parametrize("field", ["reasoning_model", "implementation_model"])
def test_an_unknown_model_is_refused_naming_the_field_and_the_keys(
    field: str, post: Callable[..., Any], server: ModelServer
) -> None:
    response = post(**{field: "huge"})
    assert response.status_code == 400
    [said] = response.json()["error"]["details"][field]
    assert said == "There is no model 'huge'. There are: small, thinker, maker."
    assert Query.objects.count() == 0


def test_a_model_for_the_built_in_engine_is_refused_not_dropped(post: Callable[..., Any], server: ModelServer) -> None:
    response = post(engine="builtin", reasoning_model="thinker")
    assert response.status_code == 400
    assert response.json()["error"]["details"] == {"reasoning_model": ["The built-in engine uses no model."]}


def test_the_models_named_do_the_work_and_stand_on_record(
    ask: Callable[..., Query], server: ModelServer, as_alice: Principal
) -> None:
    query = ask(QUESTION, reasoning_model="thinker", implementation_model="maker")
    assert [request.body["model"] for request in server.received] == ["thinker-2026", "maker-2026"]
    calls = ModelCall.objects.for_org(as_alice.organization).order_by("id")
    assert [(call.purpose, call.model) for call in calls] == [("readings/3", "thinker"), ("correction/2", "maker")]
    planning = next(step for step in query_json(query)["data_sources"] if step["type"] == "planning")
    assert planning["models"] == {"reasoning": "thinker", "implementation": "maker"}


def test_naming_a_model_asks_the_model_engine(ask: Callable[..., Query], server: ModelServer, settings: Any) -> None:
    configure(settings, model_base_url=server.url, models_file=settings.PARLEY.models_file, default_engine="builtin")
    assert query_json(ask(QUESTION))["engine"] == "builtin"
    assert query_json(ask(QUESTION, reasoning_model="maker"))["engine"] == "model"


def test_without_overrides_the_default_does_all(ask: Callable[..., Query], server: ModelServer) -> None:
    ask(QUESTION)
    assert [request.body["model"] for request in server.received] == ["small", "small"]
