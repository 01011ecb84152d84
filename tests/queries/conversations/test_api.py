"""Conversations over REST: one's own are listed, searched, renamed and forgotten; nobody else's are there."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Membership, Organization, User
from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.queries.models import Conversation, Query

from .conftest import Make

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
PATH = "/api/v1/conversations"


@pytest.fixture
def api(client_of: ClientOf, alice: User) -> APIClient:
    return client_of(alice)


def of_bob(acme: Organization, bob: User) -> Principal:
    return Principal(Membership.objects.get(organization=acme, user=bob))


def test_ones_own_conversations_are_listed_newest_first(
    api: APIClient, as_alice: Principal, source: DataSource, acme: Organization, bob: User, remembered: Make
) -> None:
    first = remembered(as_alice, source, "How many customers are there?", "and in Germany?")
    second = remembered(as_alice, source, "Which products are new?")
    remembered(of_bob(acme, bob), source, "Bob's own question")
    found = api.get(PATH).json()["results"]
    assert [one["id"] for one in found] == [str(second.pk), str(first.pk)]
    assert found[1]["query_count"] == 2
    assert found[1]["last_asked_at"] >= found[1]["created_at"]


@pytest.mark.parametrize(("words", "count"), [("germany", 1), ("customers", 1), ("question", 0), ("%", 0)])
def test_titles_and_questions_are_searched(
    api: APIClient, as_alice: Principal, source: DataSource, remembered: Make, words: str, count: int
) -> None:
    remembered(as_alice, source, "How many customers are there?", "and in Germany?")
    assert len(api.get(PATH, {"search": words}).json()["results"]) == count


def test_lists_are_narrowed_by_source_and_time(
    api: APIClient, as_alice: Principal, source: DataSource, remembered: Make
) -> None:
    remembered(as_alice, source, "How many customers are there?")
    assert len(api.get(PATH, {"data_source": source.name, "since": "2020-01-01T00:00:00Z"}).json()["results"]) == 1
    assert api.get(PATH, {"since": "2999-01-01T00:00:00Z"}).json()["results"] == []
    assert api.get(PATH, {"data_source": "nowhere"}).status_code == 400
    assert api.get(PATH, {"owner": "bob"}).status_code == 400


def test_a_conversation_is_started_and_takes_the_title_of_its_first_question(
    api: APIClient, source: DataSource, as_alice: Principal
) -> None:
    made = api.post(PATH, {"data_source": source.name}, format="json")
    assert made.status_code == 201
    assert (made.json()["title"], made.json()["query_count"]) == ("New conversation", 0)
    body = {"question": "How many customers are there?", "data_source": source.name, "conversation": made.json()["id"]}
    assert api.post("/api/v1/queries", body, format="json").status_code in (200, 202)
    shown = api.get(f"{PATH}/{made.json()['id']}").json()
    assert shown["title"] == "How many customers are there?"
    assert [one["question"] for one in shown["queries"]] == ["How many customers are there?"]


def test_it_is_renamed(api: APIClient, as_alice: Principal, source: DataSource, remembered: Make) -> None:
    path = f"{PATH}/{remembered(as_alice, source, 'A question?').pk}"
    assert api.patch(path, {"title": "Board meeting"}, format="json").json()["title"] == "Board meeting"
    for title in ("", " ", "x" * 201, 5, None):
        assert api.patch(path, {"title": title}, format="json").status_code == 400
    assert api.get(path).json()["title"] == "Board meeting"


def test_forgetting_one_leaves_its_queries_in_the_history(
    api: APIClient, as_alice: Principal, source: DataSource, remembered: Make
) -> None:
    conversation = remembered(as_alice, source, "How many customers are there?")
    assert api.delete(f"{PATH}/{conversation.pk}").status_code == 204
    assert api.get(f"{PATH}/{conversation.pk}").status_code == 404
    history = api.get("/api/v1/queries").json()["results"]
    assert [one["question"] for one in history] == ["How many customers are there?"]
    assert Query.objects.get().conversation is None
    assert AuditEvent.objects.filter(action="conversation.forgotten", target_id=str(conversation.pk)).exists()


def test_a_conversation_forgotten_meanwhile_takes_no_question(
    api: APIClient, as_alice: Principal, source: DataSource, remembered: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = remembered(as_alice, source)
    monkeypatch.setattr("apps.queries.api.QueryView.conversation", lambda *_: conversation)
    Conversation.objects.all().delete()
    body: dict[str, Any] = {"question": "How many?", "data_source": source.name, "conversation": str(conversation.pk)}
    response = api.post("/api/v1/queries", body, format="json")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "conversation_forgotten")


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_nobody_else_finds_it(
    who: str, request: pytest.FixtureRequest, client_of: ClientOf, as_alice: Principal, source: DataSource,
    globex: Organization, remembered: Make,
) -> None:  # fmt: skip
    path = f"{PATH}/{remembered(as_alice, source, 'A question?').pk}"
    other = client_of(request.getfixturevalue(who))
    assert other.get(path).status_code == 404
    assert other.patch(path, {"title": "mine"}, format="json").status_code == 404
    assert other.delete(path).status_code == 404
    assert Conversation.objects.get().title == "A question?"
