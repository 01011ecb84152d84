"""A choice made in a clarification is not asked about again: of whom, where, and as long as the rule holds."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Organization, Role, User
from apps.clarification.models import Clarification, Rule, RuleState
from apps.datasources.models import AccessPolicy, DataSource
from apps.queries.models import Query
from apps.queries.services import dismiss_and_go_on, expire_clarifications
from tests.queries.rules.conftest import OTHERS, REVENUE, ask, asked_without_the_rule, choose, rules

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]
INVOICED, RECEIVED = "Invoiced revenue (order)", "Received revenue (order)"


def test_a_choice_is_remembered_for_whoever_made_it_and_named_in_the_answer(api: APIClient) -> None:
    first = choose(api, ask(api), RECEIVED)
    assert (first["status"], first["rules_applied"]) == ("answered", [])
    [rule] = rules(api)
    assert (rule["state"], rule["person"], rule["phrase"], rule["label"]) == (
        "personal", "alice@acme.example", "revenue", RECEIVED,
    )  # fmt: skip
    event = AuditEvent.objects.get(action="rule.learned")
    assert (event.target_id, event.actor and event.actor.email) == (rule["id"], "alice@acme.example")
    again = ask(api)
    assert again["status"] == "answered"
    assert again["result"]["rows"] == first["result"]["rows"] == [[360]]
    [applied] = again["rules_applied"]
    assert applied["id"] == rule["id"]
    assert applied["words"].startswith(f"“revenue” is taken as “{RECEIVED}”, by your rule of ")
    assert applied["words"] in again["assumptions"]
    assert not any("You chose" in one for one in again["assumptions"])


@pytest.mark.parametrize("question", OTHERS)
def test_the_word_is_known_in_other_questions_of_the_source_too(api: APIClient, question: str) -> None:
    choose(api, ask(api), INVOICED)
    found = ask(api, question)
    assert found["status"] == "answered", found
    assert "invoiced_revenue" in found["sql"]
    assert "received_revenue" not in found["sql"]
    assert len(found["rules_applied"]) == 1


def test_nothing_is_learned_from_what_was_not_chosen(api: APIClient, acme: Organization) -> None:
    choose(api, ask(api), INVOICED, remember=False)
    dismiss_and_go_on(Query.objects.get(pk=ask(api)["id"]).clarification)
    ask(api)
    Clarification.objects.open().update(expires_at=Clarification.objects.earliest("created_at").created_at)
    assert expire_clarifications() == 1
    whole = ask(api, "orders in Germany")
    assert whole["clarification"]["questions"][0]["field"] == "other"
    choose(api, whole, whole["clarification"]["questions"][0]["options"][0]["label"])
    assert not Rule.objects.exists()
    assert ask(api)["status"] == "needs_clarification"


def test_an_organizations_rule_holds_for_everybody_there_and_nobody_else_until_it_is_revoked(
    api: APIClient, client_of: ClientOf, dana: User, charlie: User, globex_source: DataSource
) -> None:
    erin_of_acme, charlie_of_globex = client_of(dana), client_of(charlie)
    choose(api, ask(api), INVOICED)
    [rule] = rules(api)
    one = f"/api/v1/rules/{rule['id']}"
    assert ask(erin_of_acme)["status"] == "needs_clarification"  # nothing unreviewed
    assert api.post(f"{one}/propose").json()["state"] == "proposed"
    assert ask(erin_of_acme)["status"] == "needs_clarification"
    assert ask(api)["status"] == "answered"
    approved = erin_of_acme.post(f"{one}/approve", {"label": INVOICED}, format="json").json()
    assert (approved["state"], approved["person"], approved["reviewer"]) == ("approved", None, "dana@acme.example")
    for client in (api, erin_of_acme):
        found = ask(client)
        assert found["status"] == "answered"
        assert "by the organization's rule of " in found["rules_applied"][0]["words"]
        assert found["rules_applied"][0]["words"].endswith("reviewed by dana@acme.example.")
    assert ask(charlie_of_globex)["status"] == "needs_clarification"
    assert rules(charlie_of_globex) == []
    assert erin_of_acme.delete(one).json()["state"] == "revoked"
    for client in (api, erin_of_acme):
        assert ask(client)["status"] == "needs_clarification"


def test_ones_own_rule_goes_before_the_organizations(api: APIClient, client_of: ClientOf, dana: User) -> None:
    body = {"data_source": "sample", "field": "metric", "phrase": " ReVenue ", "label": INVOICED,
            "meaning": "sum of orders.invoiced_revenue"}  # fmt: skip
    assert api.post("/api/v1/rules", body, format="json").status_code == 201
    assert ask(client_of(dana))["result"]["rows"] == [[420]]
    query = asked_without_the_rule(api, client_of(dana))
    choose(client_of(dana), query, RECEIVED)
    assert ask(client_of(dana))["result"]["rows"] == [[360]]
    assert "your rule" in ask(client_of(dana))["rules_applied"][0]["words"]
    assert ask(api)["result"]["rows"] == [[420]]


def test_a_later_choice_takes_the_place_of_the_earlier_one(api: APIClient) -> None:
    waiting = [ask(api), ask(api)]
    choose(api, waiting[0], INVOICED)
    choose(api, waiting[1], INVOICED)
    assert Rule.objects.count() == 1
    Rule.objects.update(label="A name that is gone")
    choose(api, ask(api), RECEIVED)
    assert {one["label"]: one["state"] for one in rules(api)} == {
        RECEIVED: "personal", "A name that is gone": "revoked",
    }  # fmt: skip


def test_a_rule_for_a_meaning_that_is_gone_does_nothing(api: APIClient) -> None:
    choose(api, ask(api), INVOICED)
    Rule.objects.update(label="Net revenue (order)")
    assert ask(api)["status"] == "needs_clarification"


@pytest.mark.parametrize("dismissed", [True, False])
def test_a_query_that_waits_goes_on_unharmed_when_a_rule_comes_meanwhile(api: APIClient, dismissed: bool) -> None:
    waiting = ask(api)
    choose(api, ask(api), RECEIVED)
    if dismissed:
        api.delete(f"/api/v1/clarifications/{waiting['clarification']['id']}", headers={"Prefer": "wait=20"})
        found = api.get(f"/api/v1/queries/{waiting['id']}").json()
        assert (found["result"]["rows"], len(found["rules_applied"])) == ([[360]], 1)
    else:
        found = choose(api, waiting, INVOICED)
        assert (found["result"]["rows"], found["rules_applied"]) == ([[420]], [])
        assert any(f"You chose “{INVOICED}”" in one for one in found["assumptions"])


def test_who_may_not_see_the_columns_neither_sees_the_rule_nor_is_touched_by_it(
    api: APIClient, client_of: ClientOf, dana: User, source: DataSource
) -> None:
    choose(api, ask(api), INVOICED)
    rule = Rule.objects.get()
    assert rule.reads == {"orders": ["invoiced_revenue"]}
    Rule.objects.update(person=None, state=RuleState.APPROVED)
    analyst = client_of(dana)
    assert len(rules(analyst)) == 1
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.ANALYST,
        rules=[{"table": "orders", "columns": {"except": ["invoiced_revenue"]}}],
    )  # fmt: skip
    assert rules(analyst) == []
    assert analyst.get(f"/api/v1/rules/{rule.pk}").status_code == 404
    assert analyst.delete(f"/api/v1/rules/{rule.pk}").status_code == 404
    found = ask(analyst)
    assert (found["rules_applied"], "invoiced" in str(found)) == ([], False)
    assert ask(api)["rules_applied"]


def test_unknown_fields_and_wrong_types_are_named(api: APIClient) -> None:
    asked = ask(api, REVENUE)
    address = f"/api/v1/clarifications/{asked['clarification']['id']}/answers"
    answers: Any = [{"question_id": "q1", "option_id": "o1"}]
    for extra, field in (({"remember": "no"}, "remember"), ({"rule": True}, "rule")):
        answer = api.post(address, {"answers": answers, **extra}, format="json")
        assert (answer.status_code, list(answer.json()["error"]["details"])) == (400, [field])
