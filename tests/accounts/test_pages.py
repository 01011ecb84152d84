"""The pages of people: who may open and use each, and what they do."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import ApiKey, Invitation, Membership, Organization, Role, User
from apps.accounts.services import add_member, create_api_key
from tests.accounts.conftest import key_client, member_of
from tests.accounts.test_second_factor import Authenticator
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
ADMINISTRATORS = ("/members", "/organization/settings")


def browser_of(user: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def link_on(answer: Any) -> str:
    return re.findall(r"/invitations/accept\?token=[\w-]+", answer.content.decode())[0]


def test_who_sees_which_page(acme: Organization, alice: User, bob: User, dora: User, erik: User) -> None:
    for path, allowed in ((ADMINISTRATORS[0], {alice, dora}), (ADMINISTRATORS[1], {alice, dora}),
                          ("/api-keys", {alice, dora, erik}), ("/account", {alice, bob, dora, erik})):  # fmt: skip
        for user in (alice, bob, dora, erik):
            assert browser_of(user).get(path).status_code == (200 if user in allowed else 403), (path, user)
        assert Client().get(path).status_code == 302


def test_owners_acts_are_for_owners(acme: Organization, dora: User) -> None:
    for path in ("/organization/transfer", "/organization/deactivate"):
        assert browser_of(dora).post(path, {"confirm": "acme"}).status_code == 403
    assert Organization.objects.get(pk=acme.pk).is_active


def test_anothers_rows_look_like_none(acme: Organization, globex: Organization, alice: User, charlie: User) -> None:
    key, _ = create_api_key(membership=member_of(acme, alice), name="script")
    charlies = browser_of(charlie)
    for path in (f"/members/{member_of(acme, alice).pk}", f"/api-keys/{key.pk}"):
        assert charlies.post(path, {"act": "remove"}).status_code == 404
    assert Membership.objects.filter(organization=acme).exists()


def test_acting_without_the_forms_token_is_refused(acme: Organization, alice: User, bob: User) -> None:
    client = browser_of(alice, enforce_csrf_checks=True)
    paths = (f"/members/{member_of(acme, bob).pk}", "/members/invite", "/account/password", "/api-keys", "/sign-out",
             "/account/sign-out-everywhere", "/organization/deactivate", "/sign-in", "/invitations/accept")  # fmt: skip
    assert {client.post(path, {"act": "remove"}).status_code for path in paths} == {403}


def test_an_administrator_invites_and_a_new_person_joins(acme: Organization, alice: User) -> None:
    invited = browser_of(alice).post("/members/invite", {"email": "nina@new.example", "role": "analyst"})
    newcomer = Client()
    moved = newcomer.get(link_on(invited))
    assert moved["Location"] == "/invitations/accept"
    assert "Join Acme" in newcomer.get("/invitations/accept").content.decode()
    weak = newcomer.post("/invitations/accept", {"name": "Nina", "password": "short"})
    assert "too short" in weak.content.decode()
    assert newcomer.post("/invitations/accept", {"name": "Nina", "password": "a-new-password"})["Location"] == "/"
    assert newcomer.get("/history").status_code == 200
    assert "no longer" not in browser_of(alice).get("/members").content.decode()
    assert "does not exist, was used" in Client().get(link_on(invited), follow=True).content.decode()


def test_who_is_signed_in_as_somebody_else_is_told(acme: Organization, alice: User, bob: User, charlie: User) -> None:
    invited = browser_of(alice).post("/members/invite", {"email": charlie.email, "role": "viewer"})
    bobs = browser_of(bob)
    assert f"signed in as {bob.email}" in bobs.get(link_on(invited), follow=True).content.decode()
    bobs.post("/invitations/accept", {"act": "sign-out"})
    bobs.post("/sign-in", {"username": charlie.email, "password": PASSWORD, "next": "/invitations/accept"})
    assert bobs.post("/invitations/accept").status_code == 302
    assert member_of(acme, charlie).role == Role.VIEWER


def test_invitations_are_sent_again_and_taken_back(acme: Organization, alice: User) -> None:
    client = browser_of(alice)
    client.post("/members/invite", {"email": "nina@new.example", "role": "viewer"})
    invitation = Invitation.objects.get()
    again = client.post(f"/invitations/{invitation.pk}", {"act": "resend"})
    assert Client().get(link_on(again), follow=True).status_code == 200
    client.post(f"/invitations/{invitation.pk}", {"act": "revoke"})
    assert Client().get(link_on(again), follow=True).status_code == 410


def test_members_are_changed_on_their_page(acme: Organization, alice: User, bob: User) -> None:
    client = browser_of(alice)
    path = f"/members/{member_of(acme, bob).pk}"
    client.post(path, {"act": "role", "role": "analyst"})
    assert member_of(acme, bob).role == "analyst"
    client.post(path, {"act": "deactivate"})
    assert not member_of(acme, bob).is_active
    client.post(path, {"act": "reactivate"})
    told = client.post(path, {"act": "explode"}, follow=True)
    assert "no such act" in told.content.decode()
    client.post(path, {"act": "remove"})
    assert not Membership.objects.filter(user=bob).exists()
    kept = client.post(f"/members/{member_of(acme, alice).pk}", {"act": "remove"}, follow=True)
    assert "at least one active owner" in kept.content.decode()


def test_keys_are_made_rotated_and_revoked_on_their_page(acme: Organization, alice: User) -> None:
    client = browser_of(alice)

    def secret_on(answer: Any) -> str:
        return re.findall(r"pk_[\w-]{49}", answer.content.decode())[0]

    first = secret_on(client.post("/api-keys", {"name": "script", "scopes": ["read"], "days": "30"}))
    assert first not in client.get("/api-keys").content.decode()
    key = ApiKey.objects.get()
    second = secret_on(client.post(f"/api-keys/{key.pk}", {"act": "rotate"}))
    assert [key_client(one).get("/api/v1/queries").status_code for one in (first, second)] == [200, 200]
    client.post(f"/api-keys/{key.pk}", {"act": "revoke"})
    assert [key_client(one).get("/api/v1/queries").status_code for one in (first, second)] == [401, 401]


def test_a_changed_password_keeps_this_session_alone(acme: Organization, alice: User) -> None:
    here, there = browser_of(alice), browser_of(alice)
    body = {"current_password": PASSWORD, "new_password": "a-quite-new-password"}
    assert here.post("/account/password", body)["Location"] == "/account"
    assert [one.get("/account").status_code for one in (here, there)] == [200, 302]


def test_signing_out_everywhere_ends_this_session_too(acme: Organization, alice: User) -> None:
    here, there = browser_of(alice), browser_of(alice)
    here.post("/account/sign-out-everywhere")
    assert [one.get("/account").status_code for one in (here, there)] == [302, 302]


def test_the_second_factor_is_removed_on_the_account_page(acme: Organization, alice: User) -> None:
    phone = Authenticator(alice)
    client = browser_of(alice)
    assert client.post("/account/second-factor/remove", {"code": "000000"}).status_code == 400
    codes = client.post("/account/second-factor/codes", {"code": phone.code()}).content.decode()
    assert codes.count("<li><code>") == 10
    assert client.post("/account/second-factor/remove", {"code": phone.code()})["Location"] == "/account"


def test_an_organization_is_closed_by_typing_its_name(acme: Organization, alice: User) -> None:
    client = browser_of(alice)
    client.post("/organization/deactivate", {"confirm": "acme!"})
    assert client.get("/history").status_code == 200
    assert client.post("/organization/deactivate", {"confirm": "acme"})["Location"] == "/account"
    assert client.get("/history").status_code == 404
    assert "in no organization" in client.get("/account").content.decode()


def test_the_switcher_offers_only_what_lets_one_in(acme: Organization, globex: Organization, alice: User) -> None:
    add_member(organization=globex, user=alice, role=Role.VIEWER)
    client = browser_of(alice)
    assert 'value="globex"' in client.get("/account").content.decode()
    client.post("/organization", {"organization": "globex"})
    assert client.get("/members").status_code == 403  # a viewer there
    Organization.objects.filter(slug="globex").update(is_active=False)
    assert 'value="globex"' not in client.get("/account").content.decode()
    assert client.get("/members").status_code == 200


@pytest.mark.parametrize(
    "next_url", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_signing_in_leads_nowhere_else(acme: Organization, alice: User, next_url: str) -> None:
    answer = Client().post("/sign-in", {"username": alice.email, "password": PASSWORD, "next": next_url})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("name", ["username", "password"])
def test_null_characters_are_a_wrong_password(db: None, name: str) -> None:
    form = {"username": "alice@acme.example", "password": "x", name: "a\x00b"}
    answer = Client().post("/sign-in", form)
    assert (answer.status_code, "No active account" in answer.content.decode()) == (200, True)


def test_an_organization_is_made_on_the_account_page_where_that_is_allowed(
    acme: Organization, alice: User, environment: Callable[..., None]
) -> None:
    client, form = browser_of(alice), {"name": "Initech", "slug": "initech"}
    assert "A new organization" not in client.get("/account").content.decode()
    assert client.post("/account/organization", form).status_code == 400
    environment(organizations_self_service=True)
    assert "A new organization" in client.get("/account").content.decode()
    assert client.post("/account/organization", {**form, "slug": "Not A Slug"}).status_code == 400
    assert client.post("/account/organization", form)["Location"] == "/members"
    assert "Members of Initech" in client.get("/members").content.decode()


@pytest.mark.django_db
def test_a_session_of_pages_opens_nothing_of_the_api(alice: User) -> None:
    """So no cookie that a browser sends by itself can act there."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.get("/account").status_code == 200
    assert browser.get("/api/v1/me").status_code == 401
    assert browser.post("/api/v1/auth/sign-out-everywhere").status_code == 401
