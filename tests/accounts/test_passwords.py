"""Passwords: what they may be, how they change, and the way back in for who forgot theirs."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.models import Organization, User
from apps.accounts.services import create_api_key
from apps.accounts.services.token_families import begin_family
from tests.accounts.conftest import actions, key_client, member_of, sign_in, token_client
from tests.accounts.test_second_factor import Authenticator
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
NEW = "a-quite-new-password"
PATH = "/api/v1/me/password"


def change(client: APIClient, new: str, current: str = PASSWORD) -> Any:
    return client.post(PATH, {"current_password": current, "new_password": new}, format="json")


@pytest.mark.parametrize("new", ["sh0rt!!", "password", "12345678", "qwertyuiop", ""])
def test_short_and_common_passwords_are_refused(alice: User, client_of: ClientOf, new: str) -> None:
    answer = change(client_of(alice), new)
    assert (answer.status_code, "new_password" in answer.json()["error"]["details"]) == (400, True)
    assert sign_in(alice.email).status_code == 200


@pytest.mark.parametrize("new", ["x9-kq lm", "\N{SNOWMAN}" * 64, "long and plain " * 20, "  spaces around them  ", NEW])
def test_whatever_else_is_a_password_and_is_compared_exactly(alice: User, client_of: ClientOf, new: str) -> None:
    assert change(client_of(alice), new).status_code == 204
    assert sign_in(alice.email, new).status_code == 200
    wrong = [new + " ", new.strip() + "!", new[:-1], new.swapcase() + "x", PASSWORD]
    assert {sign_in(alice.email, other).status_code for other in wrong} == {401}


def test_a_new_password_ends_every_session_and_token(alice: User, acme: Organization, client_of: ClientOf) -> None:
    page, pair = Client(), begin_family(alice)
    page.force_login(alice)
    assert page.get("/account").status_code == 200
    assert change(client_of(alice), NEW).status_code == 204
    assert page.get("/account").status_code == 302
    assert token_client(pair.access).get("/api/v1/me").status_code == 401
    assert APIClient().post("/api/v1/auth/token/refresh", {"refresh": pair.refresh}, format="json").status_code == 401
    assert actions() == ["password.changed"]


def test_the_password_of_before_is_needed_and_a_key_is_no_person(
    alice: User, acme: Organization, client_of: ClientOf
) -> None:
    wrong = change(client_of(alice), NEW, current="wrong")
    assert (wrong.status_code, "current_password" in wrong.json()["error"]["details"]) == (400, True)
    _, secret = create_api_key(membership=member_of(acme, alice), name="script", scopes=["manage"])
    assert change(key_client(secret), NEW).status_code == 401
    assert actions()[0] == "password.changed"
    assert sign_in(alice.email).status_code == 200


def test_guessing_the_password_of_before_is_limited(alice: User, client_of: ClientOf, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    client = client_of(alice)
    assert [change(client, NEW, current="wrong").status_code for _ in range(11)] == [400] * 10 + [429]


@pytest.fixture
def ask_for_link(environment: Callable[..., None], django_capture_on_commit_callbacks: Any) -> Callable[[str], Any]:
    environment(mail_host="mail.example")

    def ask(email: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return APIClient().post("/api/v1/auth/password-reset", {"email": email}, format="json")

    return ask


def link_parts() -> dict[str, str]:
    [found] = re.findall(r"/password-reset/([^/\s]+)/(\S+)", mail.outbox[-1].body)
    return {"uid": found[0], "token": found[1]}


def set_new(parts: dict[str, str], password: str = NEW) -> Any:
    body = {**parts, "password": password}
    return APIClient().post("/api/v1/auth/password-reset/confirm", body, format="json")


def test_a_link_is_mailed_to_accounts_and_nobody_learns_which_they_are(alice: User, ask_for_link: Any) -> None:
    answers = [ask_for_link(email) for email in ("ALICE@acme.example", "nobody@nowhere.example")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    assert [message.to for message in mail.outbox] == [[alice.email]]


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!unusable"}])
def test_who_signs_in_otherwise_or_not_at_all_gets_no_link(
    alice: User, ask_for_link: Any, change: dict[str, Any]
) -> None:
    User.objects.filter(pk=alice.pk).update(**change)
    assert ask_for_link(alice.email).status_code == 202
    assert not mail.outbox


def test_the_link_sets_a_password_once_and_ends_everything_of_before(alice: User, ask_for_link: Any) -> None:
    pair = begin_family(alice)
    ask_for_link(alice.email)
    parts = link_parts()
    assert "password" in set_new(parts, "short").json()["error"]["details"]
    assert set_new(parts).status_code == 204
    assert sign_in(alice.email, NEW).status_code == 200
    assert token_client(pair.access).get("/api/v1/me").status_code == 401
    again = set_new(parts, "yet-another-password")
    assert (again.status_code, "token" in again.json()["error"]["details"]) == (400, True)
    assert "password.reset" in actions()


@pytest.mark.parametrize("bad", [{"uid": "x"}, {"uid": "MTIz"}, {"token": "x"}, {"token": "a-b"}])
def test_another_link_sets_nothing(alice: User, ask_for_link: Any, bad: dict[str, str]) -> None:
    ask_for_link(alice.email)
    assert set_new({**link_parts(), **bad}).status_code == 400
    assert sign_in(alice.email).status_code == 200


def test_a_reset_does_not_get_round_the_second_factor(alice: User, ask_for_link: Any) -> None:
    Authenticator(alice)
    ask_for_link(alice.email)
    set_new(link_parts())
    assert sign_in(alice.email, NEW).json()["error"]["code"] == "second_factor_required"


def test_on_pages_the_token_leaves_the_address_at_once(alice: User, ask_for_link: Any) -> None:
    ask_for_link(alice.email)
    parts = link_parts()
    client = Client()
    moved = client.get(f"/password-reset/{parts['uid']}/{parts['token']}")
    assert parts["token"] not in moved["Location"]
    assert client.post(moved["Location"], {"password": NEW})["Location"] == "/sign-in"
    assert sign_in(alice.email, NEW).status_code == 200


def test_without_mail_there_is_no_such_page(db: None) -> None:
    assert Client().get("/password-reset").status_code == 404
    assert "Forgot" not in Client().get("/sign-in").content.decode()


def test_links_to_one_address_are_limited_from_wherever_they_are_asked_for(
    alice: User, ask_for_link: Any, settings: Any
) -> None:
    settings.RATELIMIT_ENABLE = True

    def ask_from(number: int, email: str) -> Any:
        client = APIClient(REMOTE_ADDR=f"198.51.100.{number}")
        return client.post("/api/v1/auth/password-reset", {"email": email}, format="json")

    for email in (alice.email, "nobody@acme.example"):  # unknown addresses are counted like known ones
        answers = [ask_from(number, email.upper() if number % 2 else email) for number in range(11)]
        assert [answer.status_code for answer in answers] == [202] * 10 + [429]
        assert 1 <= int(answers[-1]["Retry-After"]) <= 3_600
    page = Client(REMOTE_ADDR="198.51.100.99").post("/password-reset", {"email": alice.email})
    assert page.status_code == 429


def test_password_fields_take_what_is_pasted(db: None) -> None:
    """A long text fits, a manager may fill it in, and no script of ours hears of a paste."""
    page = Client().get("/sign-in").content.decode()
    assert 'autocomplete="current-password"' in page
    assert "maxlength" not in page
    root = Path(__file__).resolve().parents[2]
    parts = [*(root / "templates").rglob("*.html"), *(root / "static").rglob("*.js")]
    assert len(parts) > 20
    assert [one.name for one in parts if "onpaste" in (text := one.read_text()) or '"paste"' in text] == []
