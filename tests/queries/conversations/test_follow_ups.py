"""A conversation through the whole journey: chosen meanings stay, "why?" accounts for them, rights of now hold."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, Role, User
from apps.datasources.models import AccessPolicy, DataSource

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]


class Talk:
    """One conversation of one person over REST."""

    def __init__(self, api: APIClient) -> None:
        self.api = api
        self.conversation: str | None = None

    def ask(self, question: str) -> Any:
        asked = {"question": question, "data_source": "sample", "engine": "builtin", "conversation": self.conversation}
        body = self.api.post("/api/v1/queries", asked, format="json", headers={"Prefer": "wait=20"}).json()
        self.conversation = body["conversation"]
        return body

    def choose(self, body: Any, label: str) -> Any:
        (question,) = body["clarification"]["questions"]
        option = next(one["id"] for one in question["options"] if one["label"] == label)
        answers = {"answers": [{"question_id": question["id"], "option_id": option}]}
        path = f"/api/v1/clarifications/{body['clarification']['id']}/answers"
        return self.api.post(path, answers, format="json", headers={"Prefer": "wait=20"}).json()


def test_a_chosen_meaning_stays_through_talk_and_refusals_and_why_accounts_for_it(
    client_of: ClientOf, alice: User, source: DataSource
) -> None:
    talk = Talk(client_of(alice))
    first = talk.choose(talk.ask("How many orders were there in March 2026?"), "Shipped")
    assert first["status"] == "answered"
    assert "shipped_at" in first["sql"]
    assert talk.ask("thanks!")["error"]["code"] == "no_data_question"
    assert talk.ask("delete them")["error"]["code"] == "change_request"
    later = talk.ask("and in April 2026?")
    assert later["status"] == "answered"
    assert "shipped_at" in later["sql"]
    why = talk.ask("why?")
    assert (why["status"], why["sql"], why["result"]["rows"]) == ("answered", later["sql"], later["result"]["rows"])
    assert "How the last answer came about" in why["answer"]
    assert any("and in April 2026?" in one for one in why["assumptions"])
    back = talk.ask("undo that")
    assert back["result"]["rows"] == first["result"]["rows"]


def test_nothing_leans_on_what_the_person_may_no_longer_read(
    client_of: ClientOf, bob: User, acme: Organization, source: DataSource
) -> None:
    Membership.objects.filter(organization=acme, user=bob).update(role=Role.ANALYST)
    talk = Talk(client_of(bob))
    assert talk.ask("How many customers are from Germany?")["status"] == "answered"
    AccessPolicy.objects.create(
        organization=acme, data_source=source, role=Role.ANALYST, tables={"except": ["customers"]}
    )
    for question in ("why?", "what about France?", "which ones are they?", "undo that"):
        body = talk.ask(question)
        told = [body[part] for part in ("sql", "assumptions", "answer", "suggestions")]
        assert "customers" not in str(told), question
