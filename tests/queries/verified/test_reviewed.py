"""What an attacker and a careless reviewer tried on verified queries and feedback."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.models import Role, User
from apps.accounts.principal import Principal
from apps.common.ids import uuid7
from apps.datasources.models import AccessPolicy, DataSource
from apps.datasources.services import sync_data_source
from apps.knowledge.models import VerifiedQuery, VerifiedQueryState
from apps.knowledge.verified_queries import propose_verified_query
from tests.queries.verified.conftest import Verify, ask

pytestmark = pytest.mark.django_db(transaction=True)
COUNT, RIGHT = "How many orders are there?", "SELECT count(*) FROM orders WHERE amount > 0"
ClientOf = Callable[[User], APIClient]


def correct(api: APIClient, sql: str = RIGHT) -> dict[str, Any]:
    query = ask(api, COUNT)
    body = {"verdict": "down", "corrected_sql": sql, "text": "a long explanation"}
    found: dict[str, Any] = api.post(f"/api/v1/queries/{query['id']}/feedback", body, format="json").json()
    return found


def test_a_reviewer_approves_what_they_read_and_nothing_else(api: APIClient, client_of: ClientOf, dana: User) -> None:
    read = correct(client_of(dana))
    client_of(dana).post(
        f"/api/v1/queries/{read['query']}/feedback", {"verdict": "down", "corrected_sql": "SELECT 42"}, format="json"
    )
    body = {"outcome": "verified_query", "corrected_sql": read["corrected_sql"]}
    response = api.post(f"/api/v1/feedback/{read['id']}/resolve", body, format="json")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "changed_meanwhile")
    assert VerifiedQuery.objects.get().state == VerifiedQueryState.PROPOSED


def test_what_a_reviewer_once_approved_is_not_retired_by_its_author(
    api: APIClient, client_of: ClientOf, dana: User
) -> None:
    given = correct(client_of(dana))
    api.post(f"/api/v1/feedback/{given['id']}/resolve", {"outcome": "verified_query"}, format="json")
    VerifiedQuery.objects.update(state=VerifiedQueryState.NEEDS_REVIEW)
    client_of(dana).post(f"/api/v1/queries/{given['query']}/feedback", {"verdict": "up"}, format="json")
    assert VerifiedQuery.objects.get().state == VerifiedQueryState.NEEDS_REVIEW


def test_a_verdict_on_the_page_takes_no_correction_back(api: APIClient, client: Client, alice: User) -> None:
    given = correct(api)
    client.force_login(alice)
    client.post(f"/queries/{given['query']}/feedback", {"quick": "1", "verdict": "up"})
    now = api.get(f"/api/v1/queries/{given['query']}/feedback").json()
    assert (now["verdict"], now["corrected_sql"], now["text"]) == ("up", RIGHT, "a long explanation")


def test_feedback_is_resolved_with_what_belongs_to_its_data_source(
    api: APIClient, as_alice: Principal, source: DataSource
) -> None:
    other = DataSource.objects.get(pk=source.pk)
    other.pk, other.name, other._state.adding = uuid7(), "other", True
    other.save()
    sync_data_source(other)
    stray = propose_verified_query(
        principal=as_alice, source=other, question="How much do we pay?", sql="SELECT sum(salary) FROM staff"
    )
    for outcome in ("verified_query", "dismissed"):
        body = {"outcome": outcome, "verified_query": str(stray.pk)}
        address = f"/api/v1/feedback/{correct(api)['id']}/resolve"
        assert api.post(address, body, format="json").status_code == 404
    stray.refresh_from_db()
    assert stray.state == VerifiedQueryState.PROPOSED


def test_a_number_may_be_somebodys_key(
    api: APIClient, client_of: ClientOf, dana: User, source: DataSource, verify: Verify
) -> None:
    verify(("What does Ann, our chief, earn?", "SELECT salary FROM staff WHERE id = 2"))
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.ANALYST,
        rules=[{"table": "staff", "filter": "id > 2"}],
    )  # fmt: skip
    assert "Ann" not in client_of(dana).get("/api/v1/verified-queries").content.decode()


def test_an_analysis_waits_for_no_model(api: APIClient, verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    verify()
    calls: list[Any] = []
    monkeypatch.setattr("apps.knowledge.meaning.vectors_of", lambda texts, payer: calls.append(texts))
    ask(api, COUNT)
    assert calls
    calls.clear()
    api.post("/api/v1/clarification/analyze", {"question": COUNT, "data_source": "sample"}, format="json")
    assert not calls
