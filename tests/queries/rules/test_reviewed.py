"""What an attacker tried on rules, and what must not be lost over them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.models import Role, User
from apps.clarification.models import Rule, RuleState
from apps.datasources.models import AccessPolicy, DataSource
from apps.queries.asking_back import learning
from tests.queries.rules.conftest import ask, choose

pytestmark = pytest.mark.django_db(transaction=True)
INVOICED = "Invoiced revenue (order)"
ClientOf = Callable[[User], APIClient]


@pytest.mark.parametrize("error", [RecursionError("deep"), KeyError("x"), ValueError("odd")])
def test_whatever_goes_wrong_with_learning_the_answer_stands(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(learning, "remember_choice", fails)
    assert choose(api, ask(api), INVOICED)["status"] == "answered"
    assert not Rule.objects.exists()


def test_bare_names_in_a_rules_words_are_hidden_with_their_columns(
    api: APIClient, client_of: ClientOf, dana: User, source: DataSource
) -> None:
    body = {
        "data_source": "sample", "field": "metric", "phrase": "margin", "label": "Invoiced less received",
        "meaning": "orders.invoiced_revenue - received_revenue",
    }  # fmt: skip
    assert api.post("/api/v1/rules", body, format="json").status_code == 201
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.ANALYST,
        rules=[{"table": "orders", "columns": {"except": ["received_revenue"]}}],
    )  # fmt: skip
    assert "received_revenue" not in client_of(dana).get("/api/v1/rules").content.decode()


def test_lines_of_a_meaning_are_the_same_however_a_browser_sends_them(
    api: APIClient, client: Client, alice: User
) -> None:
    choose(api, ask(api), INVOICED)
    rule = Rule.objects.get()
    api.patch(f"/api/v1/rules/{rule.pk}", {"meaning": "first line\nsecond line"}, format="json")
    api.post(f"/api/v1/rules/{rule.pk}/propose")
    rule.refresh_from_db()
    client.force_login(alice)
    read = {"phrase": rule.phrase, "label": rule.label, "meaning": rule.meaning.replace("\n", "\r\n")}
    client.post(f"/rules/{rule.pk}", {"act": "approve", **read})
    rule.refresh_from_db()
    assert rule.state == RuleState.APPROVED
