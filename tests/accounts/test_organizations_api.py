"""Organizations: one's own, a new one, its settings, its owner, its end."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, Role, User
from apps.accounts.services import add_member, create_api_key
from apps.datasources.models import DataSource
from apps.queries.models import Query, Status
from apps.queries.tasks import answer_query_task
from tests.accounts.conftest import actions, key_client, member_of

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]


def path_of(organization: Organization, act: str = "") -> str:
    return f"/api/v1/organizations/{organization.pk}{act}"


def test_one_sees_ones_own_organizations_only(
    client_of: ClientOf, alice: User, acme: Organization, globex: Organization
) -> None:
    listed = client_of(alice).get("/api/v1/organizations").json()["results"]
    assert [(one["slug"], one["role"]) for one in listed] == [("acme", "owner")]
    add_member(organization=globex, user=alice, role=Role.VIEWER)
    assert len(client_of(alice).get("/api/v1/organizations").json()["results"]) == 2
    assert client_of(alice).get(path_of(globex)).json()["role"] == "viewer"  # the address says which


def test_anothers_organization_looks_like_none(
    client_of: ClientOf, charlie: User, acme: Organization, globex: Organization
) -> None:
    client = client_of(charlie)
    bodies = []
    for path in (path_of(acme), f"/api/v1/organizations/{uuid4()}"):
        answers = [
            client.get(path), client.patch(path, {"name": "Mine"}, format="json"), client.post(f"{path}/deactivate"),
            client.post(f"{path}/transfer-ownership", {"member": str(uuid4())}, format="json"),
        ]  # fmt: skip
        assert [answer.status_code for answer in answers] == [404] * 4
        bodies.append([answer.json()["error"]["message"] for answer in answers])
    assert bodies[0] == bodies[1]


def test_people_make_organizations_where_the_installation_lets_them(
    client_of: ClientOf, alice: User, acme: Organization, environment: Callable[..., None]
) -> None:
    body = {"name": "Initech", "slug": "initech"}
    assert client_of(alice).post("/api/v1/organizations", body, format="json").status_code == 403
    environment(organizations_self_service=True)
    made = client_of(alice).post("/api/v1/organizations", body, format="json")
    assert (made.status_code, made.json()["role"]) == (201, "owner")
    again = client_of(alice).post("/api/v1/organizations", body, format="json")
    assert (again.status_code, "slug" in again.json()["error"]["details"]) == (400, True)
    assert actions() == ["organization.created"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"slug": "Bad Slug"}, "slug"), ({"name": ""}, "name"), ({"name": 5}, "name"), ({"owner": "x"}, "owner")],
)
def test_a_bad_organization_names_the_field(
    client_of: ClientOf, alice: User, environment: Callable[..., None], body: dict[str, Any], field: str
) -> None:
    environment(organizations_self_service=True)
    answer = client_of(alice).post("/api/v1/organizations", {"name": "X", "slug": "xy", **body}, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]


def test_administrators_change_settings_and_others_do_not(
    client_of: ClientOf, acme: Organization, bob: User, dora: User
) -> None:
    assert client_of(bob).patch(path_of(acme), {"name": "Mine"}, format="json").status_code == 403
    changed = client_of(dora).patch(path_of(acme), {"name": "Acme Inc.", "answer_threshold": 0.5}, format="json")
    assert (changed.json()["name"], changed.json()["answer_threshold"]) == ("Acme Inc.", 0.5)
    for body in ({"slug": "other"}, {"is_active": True}, {"answer_threshold": 2}):
        assert client_of(dora).patch(path_of(acme), body, format="json").status_code == 400
    assert Organization.objects.get(pk=acme.pk).slug == "acme"
    assert actions() == ["organization.changed"]


def test_ownership_goes_to_an_active_member_by_an_owner(
    client_of: ClientOf, acme: Organization, globex: Organization, alice: User, bob: User, charlie: User, dora: User
) -> None:
    path = path_of(acme, "/transfer-ownership")
    to = {user.pk: {"member": str(Membership.objects.get(user=user).pk)} for user in (alice, bob, charlie, dora)}
    assert client_of(dora).post(path, to[dora.pk], format="json").status_code == 403
    assert client_of(alice).post(path, to[alice.pk], format="json").status_code == 400
    assert client_of(alice).post(path, to[charlie.pk], format="json").status_code == 404
    Membership.objects.filter(user=bob).update(is_active=False)
    assert client_of(alice).post(path, to[bob.pk], format="json").status_code == 400
    assert client_of(alice).post(path, to[dora.pk], format="json").status_code == 204
    assert [member_of(acme, user).role for user in (alice, dora)] == ["admin", "owner"]
    assert actions() == ["organization.ownership_transferred"]


def test_a_closed_organization_is_shut_everywhere(
    client_of: ClientOf, acme: Organization, alice: User, dora: User, source: DataSource
) -> None:
    _, secret = create_api_key(membership=member_of(acme, alice), name="script", scopes=["ask", "read", "manage"])
    waiting = Query.objects.create(organization=acme, user=alice, data_source=source, question="How many customers?")
    assert client_of(dora).post(path_of(acme, "/deactivate")).status_code == 403
    client = client_of(alice)
    assert client.post(path_of(acme, "/deactivate")).status_code == 204
    paths = ("/api/v1/queries", "/api/v1/data-sources", "/api/v1/members", path_of(acme))
    assert [client.get(path).status_code for path in paths] == [404] * 4
    assert [key_client(secret).get(path).status_code for path in paths] == [401] * 4
    assert client.get("/api/v1/organizations").json()["results"] == []
    answer_query_task(str(acme.pk), str(waiting.pk))
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error_code) == (Status.REFUSED, "no_longer_allowed")
    assert "organization.deactivated" in actions()
    Organization.objects.update(is_active=True)  # opened again, it is not opened to keys that went about meanwhile
    assert client.get("/api/v1/queries").status_code == 200
    assert key_client(secret).get("/api/v1/queries").status_code == 401


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.VIEWER}])
def test_what_was_asked_before_the_right_was_lost_is_refused(
    acme: Organization, erik: User, source: DataSource, change: dict[str, Any]
) -> None:
    waiting = Query.objects.create(organization=acme, user=erik, data_source=source, question="How many customers?")
    Membership.objects.filter(user=erik).update(**change)
    answer_query_task(str(acme.pk), str(waiting.pk))
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error_code) == (Status.REFUSED, "no_longer_allowed")


def test_what_a_key_asked_is_refused_once_the_key_has_ended(
    acme: Organization, alice: User, source: DataSource
) -> None:
    key, _ = create_api_key(membership=member_of(acme, alice), name="script", scopes=["ask"])
    waiting = Query.objects.create(
        organization=acme, user=alice, api_key=key, data_source=source, question="How many customers?"
    )
    key.revoked_at = key.created_at
    key.save()
    answer_query_task(str(acme.pk), str(waiting.pk))
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error_code) == (Status.REFUSED, "no_longer_allowed")
