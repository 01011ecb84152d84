"""Members: who sees and changes them, nobody above themselves, never without an owner."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import ApiKey, Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.accounts.services import add_member, create_api_key
from apps.accounts.services.members import change_role, deactivate_member, remove_member
from apps.accounts.services.organizations import transfer_ownership
from apps.common.errors import AppError
from tests.accounts.conftest import actions, all_at_once, key_client, member_of

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]


@pytest.fixture
def member(acme: Organization) -> Callable[[User], str]:
    return lambda user: f"/api/v1/members/{member_of(acme, user).pk}"


def test_administrators_list_members_page_by_page(
    client_of: ClientOf, acme: Organization, alice: User, bob: User, dora: User
) -> None:
    first = client_of(dora).get("/api/v1/members", {"page_size": 2}).json()
    second = client_of(dora).get(first["next"]).json()
    emails = [one["email"] for one in first["results"] + second["results"]]
    assert emails == [dora.email, bob.email, alice.email]
    assert first["results"][0]["role"] == "admin"
    assert second["next"] is None


def test_bob_and_charlie_neither_see_nor_touch_members(
    client_of: ClientOf, alice: User, bob: User, charlie: User, globex: Organization, member: Any
) -> None:
    path = member(alice)
    for user, expected in ((bob, 403), (charlie, 404)):
        client = client_of(user)
        answers = [
            client.get(path), client.patch(path, {"role": "viewer"}, format="json"), client.delete(path),
            client.delete(f"{path}/second-factor"),
        ]  # fmt: skip
        assert [answer.status_code for answer in answers] == [expected] * 4
    assert client_of(bob).get("/api/v1/members").status_code == 403
    assert [one["email"] for one in client_of(charlie).get("/api/v1/members").json()["results"]] == [charlie.email]


def test_an_owner_changes_a_role(client_of: ClientOf, alice: User, bob: User, member: Any) -> None:
    answer = client_of(alice).patch(member(bob), {"role": "analyst"}, format="json")
    assert (answer.status_code, answer.json()["role"]) == (200, "analyst")
    assert actions() == ["member.role_changed"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"role": "king"}, "role"), ({"role": "viewer", "is_active": True}, "role"), ({}, "role"), ({"user": "x"}, "user"),
     ({"is_active": "no"}, "is_active"), ({"organization": "globex"}, "organization")],
)  # fmt: skip
def test_bad_changes_name_the_field(
    client_of: ClientOf, alice: User, bob: User, member: Any, body: dict[str, Any], field: str
) -> None:
    answer = client_of(alice).patch(member(bob), body, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]


def test_an_admin_makes_no_owner_and_touches_none(
    client_of: ClientOf, alice: User, bob: User, dora: User, member: Any
) -> None:
    client = client_of(dora)
    for path, body in ((member(bob), {"role": "owner"}), (member(dora), {"role": "owner"}),
                       (member(alice), {"role": "viewer"}), (member(alice), {"is_active": False})):  # fmt: skip
        assert client.patch(path, body, format="json").status_code == 403
    assert client.delete(member(alice)).status_code == 403
    assert client.patch(member(bob), {"role": "admin"}, format="json").status_code == 200


def test_the_last_owner_stays(client_of: ClientOf, alice: User, dora: User, member: Any) -> None:
    client = client_of(alice)
    for answer in (
        client.patch(member(alice), {"role": "admin"}, format="json"),
        client.patch(member(alice), {"is_active": False}, format="json"),
        client.delete(member(alice)),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "last_owner")
    assert actions() == []
    client.patch(member(dora), {"role": "owner"}, format="json")
    assert client.delete(member(alice)).status_code == 204


def test_an_owner_who_is_disabled_does_not_count(client_of: ClientOf, alice: User, dora: User, member: Any) -> None:
    Membership.objects.filter(user=dora).update(role=Role.OWNER)
    User.objects.filter(pk=dora.pk).update(is_active=False)
    assert client_of(alice).patch(member(alice), {"role": "admin"}, format="json").status_code == 409


def test_a_deactivated_member_is_out_with_their_keys_and_in_again(
    client_of: ClientOf, acme: Organization, alice: User, erik: User, member: Any
) -> None:
    _, secret = create_api_key(membership=member_of(acme, erik), name="script")
    client_of(alice).patch(member(erik), {"is_active": False}, format="json")
    assert client_of(erik).get("/api/v1/queries").status_code == 404
    assert key_client(secret).get("/api/v1/queries").status_code == 401
    client_of(alice).patch(member(erik), {"is_active": True}, format="json")
    assert client_of(erik).get("/api/v1/queries").status_code == 200
    assert key_client(secret).get("/api/v1/queries").status_code == 200
    assert actions() == ["api_key.created", "member.deactivated", "api_key.refused", "member.reactivated"]


def test_a_removed_members_keys_do_not_come_back_with_them(
    client_of: ClientOf, acme: Organization, alice: User, erik: User, member: Any
) -> None:
    _, secret = create_api_key(membership=member_of(acme, erik), name="script")
    assert client_of(alice).delete(member(erik)).status_code == 204
    add_member(organization=acme, user=erik, role=Role.ANALYST)
    assert key_client(secret).get("/api/v1/queries").status_code == 401
    assert ApiKey.objects.get().revoked_at is not None


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_leave_an_owner(acme: Organization, alice: User, dora: User) -> None:
    Membership.objects.filter(user=dora).update(role=Role.OWNER)
    own = {user.pk: member_of(acme, user) for user in (alice, dora)}

    def take_out(target: User, by: User, act: Callable[..., Any]) -> Callable[[], Any]:
        return lambda: act(own[target.pk], by=Principal(own[by.pk]))

    def demote(member: Membership, *, by: Principal) -> Any:
        return change_role(member, role=Role.VIEWER, by=by)

    acts = [demote, deactivate_member, remove_member]
    calls = [take_out(*pair, acts[n % 3]) for n in range(25) for pair in ((alice, dora), (dora, alice))]
    results = all_at_once(calls)
    assert all(result is None or isinstance(result, Membership | AppError) for result in results), results
    assert Membership.objects.filter(organization=acme, role=Role.OWNER, is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_ownership_handed_to_many_at_once_goes_to_one(acme: Organization, alice: User) -> None:
    heirs = [User.objects.create_user(f"heir{n}@acme.example", None) for n in range(12)]
    members = [add_member(organization=acme, user=heir, role=Role.ANALYST) for heir in heirs]
    by = Principal(member_of(acme, alice))
    results = all_at_once([lambda to=to: transfer_ownership(by=by, to=to) for to in members])
    assert results.count(None) == 1
    owners = Membership.objects.filter(organization=acme, role=Role.OWNER)
    assert [owner.user in heirs for owner in owners] == [True]
    assert member_of(acme, alice).role == Role.ADMIN
