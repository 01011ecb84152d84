"""Clarifications over REST: analysed without asking, listed, answered, counted; and how they are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Organization, Quota, User
from apps.clarification.models import Clarification
from apps.datasources.models import DataSource
from apps.queries.models import Query, Run, Status
from apps.queries.services import expire_clarifications
from apps.queries.shapes import AnalysisShape, ClarificationShape

pytestmark = pytest.mark.django_db(transaction=True)
MARCH = "How many orders were there in March 2026?"
COUNT = "How many customers are in Germany?"
Clients = Callable[[User], APIClient]


@pytest.fixture
def api(client_of: Clients, alice: User, source: DataSource) -> APIClient:
    return client_of(alice)


def ask(api: APIClient, question: str = MARCH, **options: Any) -> dict[str, Any]:
    body = {"question": question, "data_source": "sample", "engine": "builtin", **options}
    found: dict[str, Any] = api.post("/api/v1/queries", body, format="json", headers={"Prefer": "wait=20"}).json()
    return found


def analyze(api: APIClient, question: str = MARCH, **options: Any) -> dict[str, Any]:
    body = {"question": question, "data_source": "sample", **options}
    response = api.post("/api/v1/clarification/analyze", body, format="json")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def test_an_analysis_says_what_would_be_asked_and_keeps_nothing(api: APIClient) -> None:
    found = analyze(api)
    assert (found["outcome"], found["needs_clarification"]) == ("clarification", True)
    asked = ask(api)["clarification"]["questions"]
    assert [{**one, "answer": None} for one in found["questions"]] == asked
    assert [one["preview"]["rows"] for one in found["readings"]] == [[["30"]], [["28"]], [["27"]]]
    assert set(found) == set(AnalysisShape().fields)
    assert Query.objects.count() == 1
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("question", "outcome", "code"),
    [
        (COUNT, "answer", None),
        ("Delete all orders", "refused", "change_request"),
        ("Which anthem do suppliers sing?", "cannot_answer", "not_in_data"),
    ],
)
def test_an_analysis_tells_the_outcome_that_asking_has(
    api: APIClient, question: str, outcome: str, code: str | None
) -> None:
    found = analyze(api, question)
    assert found["outcome"] == outcome
    assert (found["problem"] or {}).get("code") == code
    status = {"answer": "answered"}.get(outcome, outcome)
    assert ask(api, question)["status"] == status


def test_an_analysis_is_charged_and_audited_and_bound_by_quotas(api: APIClient, acme: Organization) -> None:
    Quota.objects.create(organization=acme, subject="organization", measure="questions", period="day", limit=1)
    analyze(api)
    event = AuditEvent.objects.get(action="clarification.analyzed")
    assert "shipped_at" in event.record
    body = {"question": MARCH, "data_source": "sample"}
    assert api.post("/api/v1/clarification/analyze", body, format="json").status_code == 429


def test_clarifications_are_listed_by_status_and_source(api: APIClient) -> None:
    first, second = ask(api), ask(api)
    api.delete(f"/api/v1/clarifications/{first['clarification']['id']}")

    def listed(**parameters: str) -> list[str]:
        return [one["id"] for one in api.get("/api/v1/clarifications", parameters).json()["results"]]

    assert listed(status="open") == [second["clarification"]["id"]]
    assert listed(status="dismissed", data_source="sample") == [first["clarification"]["id"]]
    assert len(listed()) == 2
    for wrong in ({"status": "odd"}, {"data_source": "elsewhere"}, {"colour": "red"}):
        response = api.get("/api/v1/clarifications", wrong)
        assert response.status_code == 400
        assert next(iter(wrong)) in response.json()["error"]["details"]


def test_an_answered_clarification_shows_what_was_asked_and_answered(api: APIClient) -> None:
    clarification = ask(api)["clarification"]
    assert set(clarification) == set(ClarificationShape().fields)
    address = f"/api/v1/clarifications/{clarification['id']}"
    answers = {"answers": [{"question_id": "q1", "text": "the shipped ones"}]}
    query = api.post(f"{address}/answers", answers, format="json", headers={"Prefer": "wait=20"}).json()
    assert query["status"] == "answered"
    (question,) = query["clarification"]["questions"]
    assert question["answer"] == {
        "option_id": "o2", "text": "the shipped ones", "understood_as": "option", "rewording": None,
    }  # fmt: skip
    assert api.get(address).json() == query["clarification"]
    assert query["result"]["rows"] == [[28]]


@pytest.mark.parametrize("ending", ["dismissed", "expired", "off"])
def test_an_answer_to_what_was_not_asked_states_its_assumptions(api: APIClient, ending: str) -> None:
    if ending == "off":
        query = ask(api, clarification_mode=False)
    else:
        asked = ask(api)
        if ending == "dismissed":
            api.delete(f"/api/v1/clarifications/{asked['clarification']['id']}")
        else:
            Clarification.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
            assert expire_clarifications() == 1
        query = api.get(f"/api/v1/queries/{asked['id']}").json()
        assert query["clarification"]["status"] == ending
    assert query["status"] == "answered"
    assert query["result"]["rows"] == [[30]]
    assert any("Ordered" in one and "in March 2026" in one for one in query["assumptions"])
    said = {"dismissed": "went on without answering", "expired": "Nobody answered in time"}.get(ending, "")
    assert any(said in one for one in query["assumptions"])


def test_the_figures_count_what_happened_here_and_nowhere_else(
    api: APIClient, client_of: Clients, charlie: User, globex_source: DataSource
) -> None:
    ask(api, COUNT)
    for action in ("answer", "dismiss", "leave"):
        address = f"/api/v1/clarifications/{ask(api)['clarification']['id']}"
        if action == "answer":
            answers = {"answers": [{"question_id": "q1", "option_id": "o1"}], "remember": False}
            assert api.post(f"{address}/answers", answers, format="json").status_code in (200, 202)
        if action == "dismiss":
            api.delete(address)
    figures = api.get("/api/v1/clarification/metrics").json()
    assert {name: figures[name] for name in ("queries", "asked", "answered", "dismissed", "open", "expired")} == {
        "queries": 4, "asked": 3, "answered": 1, "dismissed": 1, "open": 1, "expired": 0,
    }  # fmt: skip
    assert (figures["asked_rate"], figures["answered_rate"], figures["default_chosen_rate"]) == (0.75, 0.5, 1.0)
    assert figures["turns"] == {"mean": 1.0, "most": 1}
    assert figures["seconds_to_answer"]["p95"] >= figures["seconds_to_answer"]["p50"] >= 0
    assert figures["by_field"] == {"time_range": {"asked": 3, "answered": 1}}
    elsewhere = client_of(charlie).get("/api/v1/clarification/metrics").json()
    assert (elsewhere["queries"], elsewhere["asked"], elsewhere["asked_rate"]) == (0, 0, None)
    assert api.get("/api/v1/clarification/metrics", {"days": "0"}).status_code == 400


def test_health_names_what_does_not_work(api: APIClient, acme: Organization) -> None:
    assert api.get("/api/v1/clarification/health").json()["status"] == "ok"
    query = Query.objects.get(pk=ask(api)["id"])
    long_ago = timezone.now() - timedelta(hours=1)
    Clarification.objects.update(expires_at=long_ago)
    Query.objects.filter(pk=query.pk).update(status=Status.QUEUED, queued_at=long_ago)
    Organization.objects.filter(pk=acme.pk).update(clarification_enabled=False)
    response = api.get("/api/v1/clarification/health")
    assert response.status_code == 503
    body = response.json()
    failing = {one["name"]: one["message"] for one in body["checks"] if not one["ok"]}
    assert set(failing) == {"expiry", "resuming"}
    assert "scheduler" in failing["expiry"]
    assert body["enabled"] == {"installation": True, "organization": False}


def test_pages_ask_back_and_tell_what_was_answered(api: APIClient, alice: User) -> None:
    page = Client()
    page.force_login(alice)
    query = Query.objects.get(pk=ask(api)["id"])
    shown = page.get(f"/queries/{query.pk}").content.decode()
    assert shown.count('name="option-q1"') == 3
    refused = page.post(f"/queries/{query.pk}/clarification", {"text-q1": "asdf qwer <b>"}).content.decode()
    assert "could match this neither" in refused
    page.post(f"/queries/{query.pk}/clarification", {"text-q1": "the shipped ones"})
    shown = page.get(f"/queries/{query.pk}").content.decode()
    assert 'name="option-q1"' not in shown
    assert "Asked back" in shown
    assert "“the shipped ones”" in shown
