"""Invitations: offered by administrators, sent or shown once, accepted by whom they are for, once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import Invitation, Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.accounts.services.invitations import invite
from tests.accounts.conftest import actions, all_at_once, sign_in
from tests.accounts.test_api_keys_api import whole_database

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
PATH = "/api/v1/invitations"
NEW_PASSWORD = "a-quite-new-password"


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def offer(client: APIClient, email: str, role: str = "analyst") -> Any:
    return client.post(PATH, {"email": email, "role": role}, format="json")


def accept(token: str, client: APIClient | None = None, **more: Any) -> Any:
    return (client or APIClient()).post(f"{PATH}/accept", {"token": token, **more}, format="json")


@pytest.fixture
def alices(client_of: ClientOf, alice: User, acme: Organization) -> APIClient:
    return client_of(alice)


def test_without_mail_the_link_is_in_the_answer_once(alices: APIClient) -> None:
    made = offer(alices, "Nina@New.example")
    assert (made.status_code, made.json()["email"], made.json()["state"]) == (201, "nina@new.example", "pending")
    token = token_of(made.json()["link"])
    assert "link" not in alices.get(f"{PATH}/{made.json()['id']}").json()
    assert token not in whole_database()
    assert not mail.outbox


def test_with_mail_the_link_goes_to_the_address_alone(
    alices: APIClient, environment: Callable[..., None], django_capture_on_commit_callbacks: Any
) -> None:
    environment(mail_host="mail.example")
    with django_capture_on_commit_callbacks(execute=True):
        made = offer(alices, "nina@new.example")
    assert "link" not in made.json()
    [message] = mail.outbox
    assert message.to == ["nina@new.example"]
    token = token_of(re.findall(r"http\S+", message.body)[0])
    assert accept(token, password=NEW_PASSWORD, name="Nina").status_code == 201
    assert User.objects.get(email="nina@new.example").email_verified_at is not None


def test_a_new_person_sets_a_password_and_is_in(alices: APIClient, acme: Organization) -> None:
    token = token_of(offer(alices, "nina@new.example").json()["link"])
    joined = accept(token, password=NEW_PASSWORD, name="Nina")
    assert (joined.status_code, joined.json()["slug"], joined.json()["role"]) == (201, "acme", "analyst")
    assert sign_in("nina@new.example", NEW_PASSWORD).status_code == 200
    assert User.objects.get(email="nina@new.example").email_verified_at is None  # the inviter saw the link too
    assert "invitation.accepted" in actions()


def test_who_has_an_account_joins_signed_in(
    alices: APIClient, client_of: ClientOf, charlie: User, globex: Organization
) -> None:
    token = token_of(offer(alices, charlie.email).json()["link"])
    unsigned = accept(token, password="whatever-it-is")
    assert (unsigned.status_code, unsigned.json()["error"]["code"]) == (409, "sign_in_first")
    assert accept(token, client_of(charlie)).status_code == 201
    assert {one["slug"] for one in client_of(charlie).get("/api/v1/me").json()["organizations"]} == {"acme", "globex"}


def test_somebody_elses_invitation_is_not_ones_own(alices: APIClient, client_of: ClientOf, charlie: User) -> None:
    token = token_of(offer(alices, "nina@new.example").json()["link"])
    other = accept(token, client_of(charlie))
    assert (other.status_code, other.json()["error"]["code"]) == (403, "other_address")


@pytest.mark.parametrize("spoil", ["accepted", "expired", "revoked", "unknown", "replaced", "closed"])
def test_what_cannot_be_accepted_is_told_the_same_way(alices: APIClient, acme: Organization, spoil: str) -> None:
    made = offer(alices, "nina@new.example").json()
    token = token_of(made["link"])
    if spoil == "accepted":
        accept(token, password=NEW_PASSWORD)
    elif spoil == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif spoil == "revoked":
        assert alices.delete(f"{PATH}/{made['id']}").status_code == 204
    elif spoil == "replaced":
        assert alices.post(f"{PATH}/{made['id']}/resend").status_code == 200
    elif spoil == "closed":
        Organization.objects.update(is_active=False)
    answer = accept("no-such-token" if spoil == "unknown" else token, password=NEW_PASSWORD)
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "invitation_unusable")
    assert "Ask for a new one" in answer.json()["error"]["message"]


def test_sending_again_makes_a_new_token_good(alices: APIClient) -> None:
    made = offer(alices, "nina@new.example").json()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    again = alices.post(f"{PATH}/{made['id']}/resend").json()
    assert again["state"] == "pending"
    assert accept(token_of(again["link"]), password=NEW_PASSWORD).status_code == 201
    closed = alices.post(f"{PATH}/{made['id']}/resend")
    assert (closed.status_code, closed.json()["error"]["code"]) == (409, "invitation_closed")


def test_inviting_says_nothing_about_accounts(alices: APIClient, charlie: User, globex: Organization) -> None:
    known, unknown = (offer(alices, email) for email in (charlie.email, "nobody@nowhere.example"))
    assert [known.status_code, unknown.status_code] == [201, 201]
    assert set(known.json()) == set(unknown.json())


def test_members_and_invited_addresses_are_not_invited_again(alices: APIClient, bob: User) -> None:
    assert offer(alices, bob.email).json()["error"]["code"] == "member_exists"
    offer(alices, "nina@new.example")
    assert offer(alices, "NINA@new.example").json()["error"]["code"] == "invitation_exists"
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert offer(alices, "nina@new.example").status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [({"email": "nonsense"}, "email"), ({"email": 5}, "email"), ({"role": "king"}, "role"), ({"link": "x"}, "link")],
)
def test_a_bad_invitation_names_the_field(alices: APIClient, body: dict[str, Any], field: str) -> None:
    answer = alices.post(PATH, {"email": "nina@new.example", **body}, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]


@pytest.mark.parametrize("password", ["short", "password123", "12345678"])
def test_a_weak_password_leaves_the_invitation_open(alices: APIClient, password: str) -> None:
    token = token_of(offer(alices, "nina@new.example").json()["link"])
    answer = accept(token, password=password)
    assert (answer.status_code, "password" in answer.json()["error"]["details"]) == (400, True)
    assert accept(token, password=NEW_PASSWORD).status_code == 201


def test_only_administrators_invite_and_nobody_above_themselves(
    alices: APIClient, client_of: ClientOf, bob: User, charlie: User, dora: User, globex: Organization
) -> None:
    made = offer(alices, "nina@new.example", "owner").json()
    path = f"{PATH}/{made['id']}"
    for user, expected in ((bob, 403), (charlie, 404)):
        client = client_of(user)
        answers = [client.get(path), client.delete(path), client.post(f"{path}/resend")]
        assert [answer.status_code for answer in answers] == [expected] * 3
    assert offer(client_of(bob), "x@new.example").status_code == 403
    assert offer(client_of(dora), "x@new.example", "owner").status_code == 403
    assert client_of(dora).post(f"{path}/resend").status_code == 403  # it would hand her an owner's token
    assert client_of(charlie).get(PATH).json()["results"] == []


@pytest.mark.django_db(transaction=True)
def test_a_token_accepted_by_many_at_once_is_spent_once(as_alice: Principal, acme: Organization) -> None:
    _, link = invite(email="nina@new.example", role=Role.VIEWER, by=as_alice)
    answers = all_at_once([lambda: accept(token_of(str(link)), password=NEW_PASSWORD)] * 20)
    assert sorted({answer.status_code for answer in answers})[0] == 201
    assert [answer.status_code for answer in answers].count(201) == 1
    assert Membership.objects.filter(user__email="nina@new.example").count() == 1
