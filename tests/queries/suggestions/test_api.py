"""Suggestions over REST and in answers: only what this person may see, and never at the price of the answer."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Organization, Role, User
from apps.datasources.models import AccessPolicy, DataSource

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]
PATH = "/api/v1/suggestions"


def ask(api: APIClient, question: str, **body: Any) -> Any:
    asked = {"question": question, "data_source": "sample", "engine": "builtin", **body}
    return api.post("/api/v1/queries", asked, format="json", headers={"Prefer": "wait=20"}).json()


def test_an_answer_comes_with_questions_that_are_answered_when_asked(
    client_of: ClientOf, alice: User, source: DataSource
) -> None:
    api = client_of(alice)
    answer = ask(api, "Which customers are from Italy?")
    assert answer["status"] == "answered"
    assert 0 < len(answer["suggestions"]) <= 5
    step = answer["data_sources"][-1]
    assert (step["agent"], step["suggestions"]) == ("suggester", answer["suggestions"])
    assert api.get(PATH, {"query": answer["id"]}).json()["suggestions"] == answer["suggestions"]
    for suggestion in answer["suggestions"]:
        next_one = ask(api, suggestion, conversation=answer["conversation"])
        assert next_one["status"] == "answered", suggestion


def test_a_question_that_cannot_be_answered_comes_with_better_words(
    client_of: ClientOf, alice: User, source: DataSource
) -> None:
    api = client_of(alice)
    declined = ask(api, "What do customers from Germany dream of at night?")
    assert declined["status"] == "cannot_answer"
    assert "How many customers are from Germany?" in declined["suggestions"]
    better = api.get(PATH, {"question": "customers germany stuff", "data_source": "sample"}).json()["suggestions"]
    assert "Which customers are from Germany?" in better


def test_failing_suggestions_do_not_fail_the_answer(
    client_of: ClientOf, alice: User, source: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no suggestion is worth an answer")

    monkeypatch.setattr("apps.queries.suggestions.steps.kept", broken)
    answer = ask(client_of(alice), "How many customers are there?")
    assert (answer["status"], answer["suggestions"]) == ("answered", [])
    declined = ask(client_of(alice), "What do customers dream of at night?")
    assert (declined["status"], declined["suggestions"]) == ("cannot_answer", [])


def test_they_can_be_switched_off(client_of: ClientOf, alice: User, source: DataSource, settings: Any) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"suggestions_seconds": 0})
    assert ask(client_of(alice), "How many customers are there?")["suggestions"] == []
    assert client_of(alice).get(PATH, {"data_source": "sample"}).json()["suggestions"] == []


def test_a_restricted_viewer_is_told_of_nothing_hidden(
    client_of: ClientOf, bob: User, acme: Organization, source: DataSource
) -> None:
    AccessPolicy.objects.create(
        organization=acme, data_source=source, role=Role.VIEWER, tables={"only": ["products", "categories"]},
        rules=[{"table": "products", "columns": {"except": ["unit_cost", "list_price"]}}],
    )  # fmt: skip
    api = client_of(bob)
    first = api.get(PATH, {"data_source": "sample"}).json()["suggestions"]
    assert first
    for question in ("", "customers germany stuff", "average list price of products", "orders"):
        asked = {"question": question} if question else {}
        found = api.get(PATH, {"data_source": "sample", **asked}).json()["suggestions"]
        told = " ".join(found).lower()
        assert not any(word in told for word in ("customer", "order", "germany", "price", "unit cost", "supplier"))


def test_what_was_asked_before_is_told_to_colleagues_and_nobody_else(
    client_of: ClientOf, alice: User, bob: User, charlie: User, source: DataSource, globex_source: DataSource
) -> None:
    ask(client_of(alice), "How many customers are from Germany?")
    wanted = {"question": "customers from Germany", "data_source": "sample"}
    mine = client_of(bob).get(PATH, wanted).json()["asked_before"]
    assert [one["question"] for one in mine] == ["How many customers are from Germany?"]
    assert client_of(charlie).get(PATH, wanted).json()["asked_before"] == []


def test_others_queries_and_mixed_parameters_are_refused(
    client_of: ClientOf, alice: User, bob: User, charlie: User, source: DataSource, globex: Organization
) -> None:
    query = ask(client_of(alice), "How many customers are there?")["id"]
    assert client_of(charlie).get(PATH, {"query": query}).status_code == 404
    assert client_of(bob).get(PATH, {"query": query}).status_code == 200
    assert client_of(alice).get(PATH, {"query": query, "question": "x"}).status_code == 400
    assert client_of(alice).get(PATH, {"wanted": "all"}).status_code == 400
    assert client_of(charlie).get(PATH).status_code == 400  # there is no data source
