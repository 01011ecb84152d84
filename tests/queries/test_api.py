"""Asking over REST: what a consumer of the API relies on."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, User
from apps.accounts.services.token_families import begin_family
from apps.accounts.tokens import AccessToken
from apps.datasources.models import DataSource
from apps.queries.models import Query, Status
from apps.queries.shapes import QueryLineShape, QueryShape, StepShape

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]
COUNT = "How many customers are there?"
CONTRACT = {
    "id", "status", "stage", "question", "answer", "assumptions", "confidence", "verified", "engine", "sql", "result",
    "charts", "clarification", "suggestions", "data_sources", "metadata", "error", "correlation_id", "links",
}  # fmt: skip


@pytest.fixture
def api(client_of: ClientOf, alice: User, source: DataSource) -> APIClient:
    return client_of(alice)


def ask(api: APIClient, question: str = COUNT, **body: Any) -> Any:
    headers = body.pop("headers", {"Prefer": "wait=20"})
    return api.post(
        "/api/v1/queries", {"question": question, "data_source": "sample", **body}, format="json", headers=headers
    )


def test_a_question_is_answered_in_the_shape_of_the_contract(api: APIClient) -> None:
    response = ask(api)
    body = response.json()
    assert response.status_code == 200
    assert set(body) >= CONTRACT
    assert body["status"] == "answered"
    assert body["engine"] == "builtin"
    assert "SELECT" in body["sql"]
    [[count]] = body["result"]["rows"]
    assert f"{count:,}" in body["answer"]
    assert body["result"]["row_count"] == 1
    assert body["result"]["truncated"] is False


def test_every_step_is_recorded_in_order(api: APIClient) -> None:
    steps = ask(api).json()["data_sources"]
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    assert [step["type"] for step in steps] == [
        "understanding", "planning", "sql", "check", "probe", "choice", "execution", "chart", "synthesis",
        "suggestions",
    ]  # fmt: skip
    assert all(step["status"] == "ok" and step["duration_ms"] >= 0 for step in steps)


def test_asking_without_waiting_answers_202_with_a_location(api: APIClient, settings: Any) -> None:
    response = ask(api, headers={})
    assert response.status_code in (200, 202)
    assert response["Location"] == f"/api/v1/queries/{response.json()['id']}"


def test_the_same_idempotency_key_gives_the_same_query(api: APIClient) -> None:
    first, second = (ask(api, headers={"Idempotency-Key": "k1", "Prefer": "wait=20"}) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert Query.objects.count() == 1


def test_the_same_key_for_another_question_is_a_conflict(api: APIClient) -> None:
    ask(api, headers={"Idempotency-Key": "k1"})
    response = ask(api, "How many products are there?", headers={"Idempotency-Key": "k1"})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "idempotency_conflict"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"question": ""}, "question"),
        ({"question": "   "}, "question"),
        ({"question": "x" * 10_001}, "question"),
        ({"question": 7}, "question"),
        ({"question": "a\x00b"}, "question"),
        ({"data_source": "nowhere"}, "data_source"),
        ({"data_source": ["sample"]}, "data_source"),
        ({"clarification_mode": "perhaps"}, "clarification_mode"),
        ({"engine": "magic"}, "engine"),
        ({"web_research": True}, "web_research"),
        ({"conversation": "not-an-id"}, "conversation"),
        ({"conversation": str(uuid.uuid4())}, "conversation"),
        ({"questoin": "misspelt"}, "questoin"),
    ],
)
def test_bad_input_is_a_400_that_names_the_field(api: APIClient, body: dict[str, Any], field: str) -> None:
    response = api.post("/api/v1/queries", {"question": COUNT, "data_source": "sample", **body}, format="json")
    assert response.status_code == 400
    error = response.json()["error"]
    assert field in error["details"]
    assert error["correlation_id"] == response["X-Request-ID"]
    assert not Query.objects.exists()


def test_a_body_that_is_no_json_is_a_400(api: APIClient) -> None:
    response = api.post("/api/v1/queries", "{", content_type="application/json")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_input"


def test_a_body_over_the_limit_is_a_413(api: APIClient, settings: Any) -> None:
    response = api.post("/api/v1/queries", "x" * (16 * 1024 * 1024 + 1), content_type="application/json")
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "too_large"


def test_an_expired_token_is_a_401(alice: User, source: DataSource) -> None:
    token = AccessToken(begin_family(alice).access)  # type: ignore[arg-type]
    token.set_exp(lifetime=-timedelta(seconds=5))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    response = ask(client)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "not_authenticated"


def test_charlie_cannot_see_acmes_queries(
    api: APIClient, client_of: ClientOf, charlie: User, globex: Organization
) -> None:
    pk = ask(api).json()["id"]
    charlies = client_of(charlie)
    unknown = uuid.uuid4()
    for path in ("", "/events", "/trace", "/result.csv"):
        answers = [charlies.get(f"/api/v1/queries/{one}{path}") for one in (pk, unknown)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json()["error"]["message"] == answers[1].json()["error"]["message"]
    assert charlies.post(f"/api/v1/queries/{pk}/cancel").status_code == 404
    assert charlies.get("/api/v1/queries").json()["results"] == []


def test_bob_may_read_and_not_ask(api: APIClient, client_of: ClientOf, bob: User) -> None:
    pk = ask(api).json()["id"]
    bobs = client_of(bob)
    assert bobs.get(f"/api/v1/queries/{pk}").status_code == 200
    response = ask(bobs)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "permission_denied"


def test_a_wish_to_change_data_is_refused(api: APIClient) -> None:
    body = ask(api, "Delete all orders of last year").json()
    assert body["status"] == "refused"
    assert "only reads" in body["error"]["message"]
    assert body["result"] is None


def test_what_the_data_does_not_hold_is_not_answered(api: APIClient) -> None:
    body = ask(api, "Who wrote the national anthem of Norway?").json()
    assert body["status"] == "cannot_answer"
    assert body["sql"] is None


@pytest.mark.parametrize("extension", ["csv", "json", "ndjson", "parquet", "arrow", "xlsx"])
def test_the_whole_result_comes_as_a_file(api: APIClient, extension: str) -> None:
    links = ask(api).json()["links"]
    response = api.get(links["result"].replace("csv", extension))
    assert response.status_code == 200
    assert f".{extension}" in response["Content-Disposition"]
    assert len(b"".join(response)) > 5


def test_an_unknown_format_is_a_404(api: APIClient) -> None:
    links = ask(api).json()["links"]
    assert api.get(links["result"].replace("csv", "pdf")).status_code == 404


def test_events_tell_each_step_and_then_the_query(api: APIClient) -> None:
    body = ask(api).json()
    response = api.get(body["links"]["events"])
    assert response["Content-Type"] == "text/event-stream"
    events = [part for part in b"".join(response).decode().split("\n\n") if part]
    assert [event.count("event: step") for event in events] == [1] * len(body["data_sources"]) + [0]
    assert "event: query" in events[-1]


def test_events_go_on_after_the_last_one_seen(api: APIClient) -> None:
    body = ask(api).json()
    response = api.get(body["links"]["events"], headers={"Last-Event-ID": str(len(body["data_sources"]))})
    assert b"".join(response).decode().count("event: step") == 0


def test_history_is_searched_filtered_and_paged_by_key(
    api: APIClient, acme: Organization, alice: User, source: DataSource
) -> None:
    Query.objects.bulk_create(
        Query(organization=acme, user=alice, data_source=source, question=f"Question {n}", status=Status.ANSWERED)
        for n in range(45)
    )
    first = api.get("/api/v1/queries?page_size=20").json()
    assert [one["question"] for one in first["results"]][:2] == ["Question 44", "Question 43"]
    second = api.get(first["next"]).json()
    assert second["results"][0]["question"] == "Question 24"
    found = api.get("/api/v1/queries?search=question 7").json()["results"]
    assert [one["question"] for one in found] == ["Question 7"]
    assert api.get("/api/v1/queries?status=failed").json()["results"] == []
    assert api.get("/api/v1/queries?status=lost").status_code == 400
    assert api.get("/api/v1/queries?colour=red").status_code == 400


def test_a_list_costs_the_same_reads_for_two_queries_and_for_twenty(
    api: APIClient, reads_of_a_longer_list: Any
) -> None:
    few, many = reads_of_a_longer_list(lambda: api.get("/api/v1/queries"))
    assert few == many


def test_cancelling_ends_what_waits_and_not_what_ended(
    api: APIClient, acme: Organization, alice: User, source: DataSource
) -> None:
    waiting = Query.objects.create(organization=acme, user=alice, data_source=source, question="q")
    assert api.post(f"/api/v1/queries/{waiting.pk}/cancel").json()["status"] == "cancelled"
    response = api.post(f"/api/v1/queries/{waiting.pk}/cancel")
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "query_ended"


def test_the_short_form_asks_the_only_source(api: APIClient) -> None:
    for path in ("/api/agent/run", "/api/v1/query"):
        body = api.post(path, {"query": COUNT}, format="json").json()
        assert body["status"] == "answered"


def test_who_is_locked_out_while_they_wait_does_not_get_the_answer(
    api: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked_out_meanwhile(query: Query, seconds: float) -> bool:
        Membership.objects.filter(user=alice).update(is_active=False)
        return True

    monkeypatch.setattr("apps.queries.api.wait_for_outcome", locked_out_meanwhile)
    response = ask(api)
    assert response.status_code == 404
    assert set(response.json()) == {"error"}


def test_a_trailing_slash_means_nothing(api: APIClient) -> None:
    assert api.get("/api/v1/queries/").status_code == 200
    assert api.get("/api/v1/me/").status_code == 200


def test_the_openapi_document_names_every_route(api: APIClient) -> None:
    text = api.get("/api/schema").content.decode()
    for path in (
        "/api/v1/queries:",
        "/api/v1/queries/{id}/events",
        "/api/v1/clarifications/{id}/answers",
        "/api/agent/run",
    ):
        assert path in text


def test_the_documented_shapes_are_those_that_go_out(api: APIClient) -> None:
    body = ask(api).json()
    assert set(QueryShape().fields) == set(body)
    assert set(QueryShape().fields["metadata"].fields) == set(body["metadata"])
    assert set(QueryShape().fields["result"].fields) == set(body["result"])
    assert set(QueryShape().fields["links"].fields) == set(body["links"])
    assert all(set(StepShape().fields) <= set(step) for step in body["data_sources"])
    [line] = api.get("/api/v1/queries").json()["results"]
    assert set(QueryLineShape().fields) == set(line)
