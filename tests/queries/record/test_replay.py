"""Asking a query again: another run, with what was settled, by whom it belongs to."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Membership, Role, User
from apps.datasources.models import DataSource
from apps.queries.models import Query, Run, Status

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]
WAIT = {"Prefer": "wait=20"}


def asked(api: APIClient, question: str = "How many customers are there?", **body: Any) -> dict[str, Any]:
    data = {"question": question, "data_source": "sample", **body}
    found: dict[str, Any] = api.post("/api/v1/queries", data, format="json", headers=WAIT).json()
    return found


def replayed(api: APIClient, query: Any, **body: Any) -> Any:
    return api.post(f"/api/v1/queries/{query['id']}/replay", body, format="json", headers=WAIT)


@pytest.fixture
def api(client_of: ClientOf, alice: User, source: DataSource) -> APIClient:
    return client_of(alice)


def test_a_replay_is_another_run_of_the_same_query(api: APIClient) -> None:
    query = asked(api)
    response = replayed(api, query)
    body = response.json()
    assert response.status_code == 200
    assert (body["id"], body["status"], body["sql"]) == (query["id"], "answered", query["sql"])
    assert body["result"]["rows"] == query["result"]["rows"]
    runs = Run.objects.filter(query_id=query["id"]).order_by("number")
    assert [run.number for run in runs] == [1, 2]
    assert [bool(run.answer) for run in runs] == [True, True]
    assert Query.objects.count() == 1
    assert AuditEvent.objects.filter(action="query.replayed", target_id=query["id"]).exists()


def test_rows_are_read_anew(api: APIClient) -> None:
    first = asked(api)
    second = replayed(api, first).json()
    assert second["metadata"]["cached"] is False
    assert second["result"]["read_at"] > first["result"]["read_at"]


def test_what_a_clarification_settled_stays_settled(api: APIClient) -> None:
    query = asked(api, "What is our revenue?")
    clarification = query["clarification"]
    chosen = clarification["questions"][0]["options"][1]["id"]
    answers = {"answers": [{"question_id": "q1", "option_id": chosen}], "remember": False}
    api.post(f"/api/v1/clarifications/{clarification['id']}/answers", answers, format="json")
    answered = api.get(f"/api/v1/queries/{query['id']}").json()
    assert answered["status"] == "answered"
    again = replayed(api, query).json()
    assert (again["status"], again["sql"]) == ("answered", answered["sql"])


def test_a_query_under_way_is_not_replayed(api: APIClient) -> None:
    query = asked(api, "What is our revenue?")
    assert query["status"] == "needs_clarification"
    response = replayed(api, query)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "query_not_ended")


def test_a_source_that_is_switched_off_is_not_asked_again(api: APIClient, source: DataSource) -> None:
    query = asked(api)
    DataSource.objects.filter(pk=source.pk).update(is_active=False)
    assert replayed(api, query).json()["error"]["code"] == "data_source_inactive"


@pytest.mark.parametrize(
    ("body", "field"),
    [({"engine": "best"}, "engine"), ({"reasoning_model": "huge"}, "reasoning_model"), ({"question": "x"}, "question")],
)
def test_bad_changes_are_refused_by_name(api: APIClient, body: dict[str, Any], field: str) -> None:
    query = asked(api)
    response = replayed(api, query, **body)
    assert response.status_code == 400
    assert field in response.json()["error"]["details"]
    assert Query.objects.get().status == Status.ANSWERED


def test_only_who_asked_may_replay(
    api: APIClient, client_of: ClientOf, bob: User, charlie: User, globex_source: DataSource
) -> None:
    query = asked(api)
    assert replayed(client_of(bob), query).status_code == 403
    Membership.objects.filter(user=bob).update(role=Role.ANALYST)
    assert replayed(client_of(bob), query).status_code == 404
    assert replayed(client_of(charlie), query).status_code == 404
    assert replayed(api, {"id": uuid.uuid4()}).status_code == 404
