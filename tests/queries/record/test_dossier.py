"""Everything on record about a query as one file: complete, without secrets, and good for asking again."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, User
from apps.datasources.models import DataSource
from apps.queries.models import Step

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]
WAIT = {"Prefer": "wait=20"}


@pytest.fixture
def api(client_of: ClientOf, alice: User, source: DataSource) -> APIClient:
    return client_of(alice)


@pytest.fixture
def query(api: APIClient) -> dict[str, Any]:
    data = {"question": "How many customers are there in each country?", "data_source": "sample"}
    found: dict[str, Any] = api.post("/api/v1/queries", data, format="json", headers=WAIT).json()
    return found


def taken(api: APIClient, query: dict[str, Any]) -> Any:
    return api.get(f"/api/v1/queries/{query['id']}/dossier")


def test_a_dossier_holds_the_whole_story(api: APIClient, query: dict[str, Any]) -> None:
    response = taken(api, query)
    body = response.json()
    assert response["Content-Disposition"] == f'attachment; filename="parley-{query["id"]}.json"'
    assert body["format"] == "parley-dossier/1"
    assert body["query"] == query
    [run] = body["runs"]
    assert (run["sql"], run["answer"], run["status"]) == (query["sql"], query["answer"], "answered")
    assert run["result"] == query["result"]
    assert [step["type"] for step in run["steps"]] == [step["type"] for step in query["data_sources"]]
    assert run["charts"] == query["charts"]
    assert body["prompts"]["readings"] >= 3
    assert body["data_source"]["schema_version"]
    assert AuditEvent.objects.filter(action="query.dossier_taken", target_id=query["id"]).exists()


def test_its_request_asks_the_same_again(api: APIClient, query: dict[str, Any]) -> None:
    request = taken(api, query).json()["request"]
    again = api.post("/api/v1/queries", request, format="json", headers=WAIT).json()
    assert (again["sql"], again["result"]["rows"]) == (query["sql"], query["result"]["rows"])


def test_secrets_in_its_texts_are_masked(api: APIClient, query: dict[str, Any], source: DataSource) -> None:
    step = Step.objects.filter(run__query_id=query["id"]).first()
    assert step is not None
    step.detail = {"said": ["see postgresql://reader:hunter22@db/x", {"deep": "password = correcthorse"}]}
    step.save()
    text = taken(api, query).content.decode()
    assert "hunter22" not in text
    assert "correcthorse" not in text
    json.loads(text)


def test_a_dossier_names_no_place(api: APIClient, query: dict[str, Any], source: DataSource) -> None:
    text = taken(api, query).content.decode()
    assert source.database not in text
    assert str(source.pk) not in text


def test_who_may_not_see_the_query_gets_no_dossier(
    query: dict[str, Any], client_of: ClientOf, bob: User, charlie: User, globex_source: DataSource
) -> None:
    assert taken(client_of(bob), query).status_code == 200  # he may read all of the source
    assert taken(client_of(charlie), query).status_code == 404
