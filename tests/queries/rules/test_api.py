"""Rules over REST and in the admin site: who may do what, races, and words that mean harm."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Membership, Organization, User
from apps.accounts.principal import Principal
from apps.clarification.models import Clarification, Rule, RuleState
from apps.clarification.readings import ChoiceField
from apps.clarification.rule_grounds import Grounds
from apps.clarification.rules import Meaning, approve_rule, remember_choice
from apps.common.errors import Conflict
from apps.datasources.models import DataSource
from apps.queries.asking_back.rules_api import RuleShape
from tests.queries.rules.conftest import rules

ClientOf = Callable[[User], APIClient]
SCRIPT = "<script>alert(1)</script>"
pytestmark = pytest.mark.django_db
BODY = {"data_source": "sample", "field": "metric", "phrase": "  Our   REVENUE ", "label": "Invoiced revenue (order)",
        "meaning": "sum of orders.invoiced_revenue"}  # fmt: skip


@pytest.fixture
def rule(acme: Organization, source: DataSource, alice: User) -> Rule:
    """A rule of Alice's own."""
    made: Rule = Rule.objects.create(
        organization=acme, data_source=source, person=alice, author=alice, field="metric", phrase="revenue",
        label="Invoiced revenue (order)", meaning="sum of orders.invoiced_revenue",
        reads={"orders": ["invoiced_revenue"]},
    )  # fmt: skip
    return made


def act(client: APIClient, rule: Rule, name: str, **body: Any) -> Any:
    return client.post(f"/api/v1/rules/{rule.pk}/{name}", body, format="json")


def address(rule: Rule) -> str:
    return f"/api/v1/rules/{rule.pk}"


def test_a_written_rule_is_the_organizations_and_knows_what_it_names(api: APIClient, source: DataSource) -> None:
    made = api.post("/api/v1/rules", BODY, format="json")
    assert made.status_code == 201, made.content
    body = made.json()
    assert set(body) == set(RuleShape().fields)
    assert (body["state"], body["person"], body["phrase"], body["reviewer"]) == (
        "approved", None, "our revenue", "alice@acme.example",
    )  # fmt: skip
    assert Rule.objects.get().reads == {"orders": ["invoiced_revenue"]}
    again = api.post("/api/v1/rules", BODY, format="json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already_one")
    assert AuditEvent.objects.filter(action="rule.written").count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"field": "mood"}, "field"), ({"phrase": " "}, "phrase"), ({"phrase": "x" * 301}, "phrase"),
        ({"phrase": "ß" * 200}, "phrase"), ({"label": 7}, "label"), ({"label": "x" * 301}, "label"),
        ({"label": "a\x00b"}, "label"), ({"meaning": "x" * 1_001}, "meaning"), ({"person": "bob"}, "person"),
        ({"data_source": "nowhere"}, "data_source"), ({"state": "approved"}, "state"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(api: APIClient, body: dict[str, Any], field: str) -> None:
    answer = api.post("/api/v1/rules", {**BODY, **body}, format="json")
    assert (answer.status_code, list(answer.json()["error"]["details"])) == (400, [field])
    assert not Rule.objects.exists()


def test_a_life_of_a_rule_is_audited(api: APIClient, client_of: ClientOf, dana: User, rule: Rule) -> None:
    reviewer = client_of(dana)
    act(api, rule, "propose")
    assert act(reviewer, rule, "reject").json()["state"] == "rejected"
    assert act(api, rule, "propose").json()["state"] == "proposed"
    assert act(reviewer, rule, "approve").json()["state"] == "approved"
    assert api.patch(address(rule), {"label": "Received"}, format="json").json()["label"] == "Received"
    assert reviewer.delete(address(rule)).json()["revoked_by"] == "dana@acme.example"
    acts = AuditEvent.objects.filter(action__startswith="rule.").order_by("number")
    assert [event.action for event in acts] == [
        "rule.proposed", "rule.rejected", "rule.proposed", "rule.approved", "rule.changed", "rule.revoked",
    ]  # fmt: skip


def test_what_is_personal_is_nobody_elses(
    api: APIClient, client_of: ClientOf, dana: User, bob: User, charlie: User, globex: Organization, rule: Rule
) -> None:
    for other in (dana, bob, charlie):
        client = client_of(other)
        assert rules(client) == []
        assert client.get(address(rule)).status_code == 404
        assert client.delete(address(rule)).status_code == 404
        assert act(client, rule, "propose").status_code == 404
    act(api, rule, "propose")
    assert [one["id"] for one in rules(client_of(dana))] == [str(rule.pk)]
    assert client_of(dana).delete(address(rule)).status_code == 403  # a reviewer approves or declines
    assert client_of(dana).patch(address(rule), {"label": "Mine"}, format="json").status_code == 403
    assert client_of(bob).get(address(rule)).status_code == 404
    assert act(client_of(bob), rule, "approve").status_code == 403
    assert act(client_of(charlie), rule, "approve").status_code == 404
    act(client_of(dana), rule, "approve")
    assert client_of(bob).get(address(rule)).json()["is_mine_to_change"] is False
    assert client_of(bob).delete(address(rule)).status_code == 403
    assert client_of(charlie).get(address(rule)).status_code == 404
    assert Rule.objects.get().state == RuleState.APPROVED


def test_a_viewer_revokes_a_rule_of_their_own(client_of: ClientOf, bob: User, rule: Rule) -> None:
    Rule.objects.update(person=bob)
    assert client_of(bob).delete(address(rule)).json()["state"] == "revoked"
    assert client_of(bob).delete(address(rule)).json()["error"]["code"] == "rule_revoked"


def test_changing_a_proposed_rule_withdraws_it_and_nobody_approves_what_they_did_not_read(
    api: APIClient, client_of: ClientOf, dana: User, rule: Rule
) -> None:
    act(api, rule, "propose")
    changed = api.patch(address(rule), {"label": "Received revenue (order)"}, format="json").json()
    assert changed["state"] == "personal"
    assert act(client_of(dana), rule, "approve").status_code == 404  # it is nobody else's again
    act(api, rule, "propose")
    stale = act(client_of(dana), rule, "approve", label="Invoiced revenue (order)")
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "changed_meanwhile")
    assert act(client_of(dana), rule, "approve", label="Received revenue (order)").status_code == 200


def test_only_what_is_proposed_is_approved_or_declined(api: APIClient, rule: Rule) -> None:
    for name in ("approve", "reject"):
        assert act(api, rule, name).json()["error"]["code"] == "rule_personal"
    Rule.objects.update(state=RuleState.REVOKED)
    for name in ("propose", "approve"):
        assert act(api, rule, name).json()["error"]["code"] == "rule_revoked"
    assert api.patch(address(rule), {"label": "x"}, format="json").status_code == 409


def test_a_second_rule_of_the_organization_for_one_point_is_a_conflict(
    api: APIClient, client_of: ClientOf, dana: User, rule: Rule
) -> None:
    api.post("/api/v1/rules", {**BODY, "phrase": "revenue"}, format="json")
    act(api, rule, "propose")
    answer = act(client_of(dana), rule, "approve")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_one")
    assert Rule.objects.get(pk=rule.pk).state == RuleState.PROPOSED


def test_the_list_is_filtered(api: APIClient, rule: Rule) -> None:
    api.post("/api/v1/rules", BODY, format="json")
    phrases = lambda **wanted: [one["phrase"] for one in rules(api, **wanted)]  # noqa: E731
    assert phrases() == ["our revenue", "revenue"]
    assert phrases(whose="own") == phrases(state="personal") == ["revenue"]
    assert phrases(whose="organization", data_source="sample") == phrases(search="OUR") == ["our revenue"]
    assert api.get("/api/v1/rules", {"whose": "mine"}).status_code == 400
    assert api.get("/api/v1/rules", {"colour": "red"}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_approves_it(api: APIClient, dana: User, rule: Rule, as_alice: Principal) -> None:
    act(api, rule, "propose")
    as_dana = Principal(Membership.objects.select_related("organization", "user").get(user=dana))

    outcomes = both_at_once(
        lambda: approve_rule(Rule.objects.get(pk=rule.pk), principal=as_alice),
        lambda: approve_rule(Rule.objects.get(pk=rule.pk), principal=as_dana),
    )
    assert sorted(outcomes) == ["done", "rule_approved"]
    assert AuditEvent.objects.filter(action="rule.approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_leave_one_rule(acme: Organization, source: DataSource, alice: User) -> None:
    clarification = Clarification.objects.create(
        organization=acme, asked_of=alice, max_turns=3, expires_at="2030-01-01T00:00:00Z"
    )

    def answered(label: str) -> None:
        chosen = Meaning(ChoiceField.METRIC, "revenue", label, "")
        remember_choice(chosen, clarification=clarification, source=source, person=alice, grounds=Grounds())

    assert both_at_once(lambda: answered("A"), lambda: answered("B")) == ["done", "done"]
    assert Rule.objects.exclude(state=RuleState.REVOKED).count() == 1


def both_at_once(*acts: Callable[[], object]) -> list[str]:
    """What came of acts that are begun at the same moment, each on a connection of its own."""
    outcomes: list[str] = []
    start = threading.Barrier(len(acts))

    def run(work: Callable[[], object]) -> None:
        start.wait(timeout=10)
        try:
            work()
            outcomes.append("done")
        except Conflict as error:
            outcomes.append(error.error_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=copy_context().run, args=(run, one)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return outcomes


def test_words_of_people_are_shown_on_the_page_and_never_run(alice: User, rule: Rule) -> None:
    Rule.objects.update(phrase=SCRIPT, label=SCRIPT, meaning=f'"{SCRIPT}')
    page = Client()
    page.force_login(alice)
    text = page.get("/rules").content.decode()
    assert SCRIPT not in text
    assert "&lt;script&gt;" in text


def test_the_page_does_what_its_buttons_say(alice: User, dana: User, bob: User, charlie: User, globex: Organization,
                                            rule: Rule) -> None:  # fmt: skip
    page = Client()

    def press(user: User, name: str, **more: str) -> Any:
        page.force_login(user)
        return page.post(f"/rules/{rule.pk}", {"act": name, **more}, follow=True)

    assert "is proposed" in press(alice, "propose").content.decode()
    assert press(bob, "approve").status_code == 404
    assert "changed meanwhile" in press(dana, "approve", label="Other").content.decode()
    assert "Proposed for the organization" in page.get("/rules").content.decode()
    assert "holds for the organization" in press(dana, "approve", label=rule.label).content.decode()
    assert press(bob, "approve").status_code == 403
    assert press(charlie, "revoke").status_code == 404
    assert press(alice, "dance").status_code == 404
    assert "not yours" in press(bob, "revoke").content.decode()
    assert "is revoked" in press(alice, "revoke").content.decode()
    assert "There are no rules yet" in page.get("/rules").content.decode()


def test_an_administrator_of_the_installation_ends_rules_and_nothing_else(rule: Rule, settings: Any) -> None:
    admin = User.objects.create_superuser("admin@parley.example", "a-password-of-an-admin")
    site = Client()
    site.force_login(admin)
    listed = site.get("/admin/clarification/rule/")
    assert listed.status_code == 200
    chosen = {"action": "revoke", "_selected_action": [str(rule.pk)]}
    assert site.post("/admin/clarification/rule/", chosen, follow=True).status_code == 200
    assert Rule.objects.get().revoked_by == admin
    event = AuditEvent.objects.get(action="rule.revoked")
    assert event.actor == admin
    assert site.get(f"/admin/clarification/rule/{rule.pk}/delete/").status_code == 403
    again = site.post("/admin/clarification/rule/", chosen, follow=True)
    assert "This rule is revoked" in again.content.decode()
