"""The second factor: set up, asked for, good once, lost and reset."""

import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, RecoveryCode, Role, SecondFactor, User
from apps.accounts.services import add_member
from apps.accounts.services.second_factor import begin_enrolment, confirm_enrolment, spend_code
from tests.accounts.conftest import actions, all_at_once, member_of, sign_in
from tests.accounts.test_api_keys_api import whole_database
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
PATH = "/api/v1/me/second-factor"
STEP = 30


class Authenticator:
    """A person's phone; each of its codes is of a later time step than the one before."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.secret = begin_enrolment(user, password=PASSWORD).secret
        self.recovery_codes = confirm_enrolment(user, self.code())

    def code(self, ahead: int = 0) -> str:
        SecondFactor.objects.filter(user=self.user).update(last_step=0)
        return pyotp.TOTP(self.secret).at(int(time.time()) + ahead * STEP)


@pytest.fixture
def phone(alice: User) -> Authenticator:
    return Authenticator(alice)


def test_it_is_set_up_with_the_password_and_counts_once_confirmed(alice: User, client_of: ClientOf) -> None:
    client = client_of(alice)
    assert client.post(PATH, {"password": "wrong"}, format="json").status_code == 400
    begun = client.post(PATH, {"password": PASSWORD}, format="json")
    secret = begun.json()["secret"]
    assert begun.status_code == 201
    assert begun.json()["uri"].startswith("otpauth://totp/Parley:alice%40acme.example?secret=")
    assert begun.json()["qr_svg"].startswith("data:image/svg+xml")
    assert sign_in(alice.email).status_code == 200  # not confirmed yet
    assert client.post(f"{PATH}/confirm", {"code": "000000"}, format="json").status_code == 400
    confirmed = client.post(f"{PATH}/confirm", {"code": pyotp.TOTP(secret).now()}, format="json").json()
    assert len(set(confirmed["recovery_codes"])) == 10
    assert client.get("/api/v1/me").json()["second_factor"] is True
    kept = whole_database()
    assert not any(said in kept for said in [secret, *confirmed["recovery_codes"]])
    again = client.post(PATH, {"password": PASSWORD}, format="json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "second_factor_exists")


def test_signing_in_for_tokens_asks_for_it(alice: User, phone: Authenticator) -> None:
    without = sign_in(alice.email)
    assert (without.status_code, without.json()["error"]["code"]) == (401, "second_factor_required")
    wrong = sign_in(alice.email, otp="000000")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "second_factor_wrong")
    assert sign_in(alice.email, "wrong-password", otp=phone.code()).json()["error"]["code"] == "not_authenticated"
    assert sign_in(alice.email, otp=phone.code()).status_code == 200


def test_a_code_is_good_once_and_for_a_minute_around_its_own(alice: User, phone: Authenticator) -> None:
    code = phone.code()
    assert [sign_in(alice.email, otp=code).status_code for _ in range(2)] == [200, 401]
    assert [spend_code(alice, phone.code(ahead)) for ahead in (-1, 0, 1)] == [True] * 3
    assert [spend_code(alice, phone.code(ahead)) for ahead in (-3, 3)] == [False] * 2


def test_after_a_later_code_no_earlier_one_is_good(alice: User, phone: Authenticator) -> None:
    later, now = phone.code(1), phone.code(0)
    assert [spend_code(alice, later), spend_code(alice, now)] == [True, False]


@pytest.mark.parametrize("code", ["", " ", "\N{ARABIC-INDIC DIGIT ONE}" * 6, "1" * 40, "-" * 16])
def test_what_is_no_code_is_refused(alice: User, phone: Authenticator, code: str) -> None:
    assert spend_code(alice, code) is False


def test_each_recovery_code_stands_in_once(alice: User, phone: Authenticator) -> None:
    first, second = phone.recovery_codes[:2]
    assert [sign_in(alice.email, otp=code).status_code for code in (first, first, second.upper())] == [200, 401, 200]
    assert actions().count("second_factor.recovery_code_used") == 2
    assert first not in whole_database()


def test_new_recovery_codes_replace_the_old(alice: User, phone: Authenticator, client_of: ClientOf) -> None:
    fresh = client_of(alice).post(f"{PATH}/recovery-codes", {"code": phone.code()}, format="json").json()
    assert spend_code(alice, phone.recovery_codes[0]) is False
    assert spend_code(alice, fresh["recovery_codes"][0]) is True
    assert RecoveryCode.objects.count() == 10


def test_tries_are_limited_by_account(alice: User, phone: Authenticator, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    codes = []
    for place in range(6):
        body = {"email": alice.email, "password": PASSWORD, "otp": "000000"}
        client = APIClient(REMOTE_ADDR=f"198.51.100.{place}")
        codes.append(client.post("/api/v1/auth/token", body, format="json").status_code)
    assert codes == [401] * 5 + [429]


def test_pages_and_the_admin_site_ask_for_it(alice: User, acme: Organization, phone: Authenticator) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    form = {"username": alice.email, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/sign-in", form)["Location"] == "/sign-in/code"
    assert client.get("/")["Location"].startswith("/sign-in")  # the password alone opens nothing
    assert client.get("/admin/").status_code == 302
    assert "not right" in client.post("/sign-in/code", {"code": "000000"}).content.decode()
    assert client.post("/sign-in/code", {"code": phone.code()})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_the_admin_sites_own_door_leads_to_ours(db: None) -> None:
    answer = Client().post("/admin/login/?next=/admin/", {"username": "x", "password": "x"})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=/admin/")


def test_an_organization_may_require_it(
    alice: User, bob: User, acme: Organization, phone: Authenticator, client_of: ClientOf
) -> None:
    path = f"/api/v1/organizations/{acme.pk}"
    assert client_of(alice).patch(path, {"requires_second_factor": True}, format="json").status_code == 200
    assert client_of(alice).get("/api/v1/queries").status_code == 200
    refused = client_of(bob).get("/api/v1/queries")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "second_factor_needed")
    page = Client()
    page.force_login(bob)
    assert page.get("/history")["Location"] == "/account"
    assert page.get("/account").status_code == 200
    Authenticator(bob)
    assert client_of(bob).get("/api/v1/queries").status_code == 200
    kept = client_of(alice).post(f"{PATH}/remove", {"code": phone.code()}, format="json")
    assert (kept.status_code, kept.json()["error"]["code"]) == (403, "second_factor_needed")


def test_who_has_none_cannot_require_it(alice: User, acme: Organization, client_of: ClientOf) -> None:
    answer = client_of(alice).patch(f"/api/v1/organizations/{acme.pk}", {"requires_second_factor": True}, format="json")
    assert answer.status_code == 403
    assert not Organization.objects.get(pk=acme.pk).requires_second_factor


def test_it_is_removed_with_a_code(alice: User, acme: Organization, phone: Authenticator, client_of: ClientOf) -> None:
    client = client_of(alice)
    assert client.post(f"{PATH}/remove", {"code": "000000"}, format="json").status_code == 400
    assert client.post(f"{PATH}/remove", {"code": phone.code()}, format="json").status_code == 204
    assert sign_in(alice.email).status_code == 200
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (0, 0)


def test_administrators_reset_a_members_lost_factor(
    alice: User, erik: User, dora: User, acme: Organization, client_of: ClientOf
) -> None:
    Authenticator(erik)
    eriks = client_of(erik)
    path = f"/api/v1/members/{member_of(acme, erik).pk}/second-factor"
    assert client_of(dora).delete(path).status_code == 204
    assert eriks.get("/api/v1/me").status_code == 401  # signed out
    assert sign_in(erik.email).status_code == 200
    assert "second_factor.reset" in actions()


def test_nobody_resets_upwards_or_for_other_organizations(
    alice: User, bob: User, dora: User, erik: User, acme: Organization, globex: Organization, client_of: ClientOf
) -> None:
    for user in (alice, erik):
        Authenticator(user)
    add_member(organization=globex, user=erik, role=Role.VIEWER)
    for by, of in ((dora, alice), (alice, erik), (bob, erik)):
        path = f"/api/v1/members/{member_of(acme, of).pk}/second-factor"
        assert client_of(by).delete(path, headers={"X-Organization": "acme"}).status_code == 403
    assert SecondFactor.objects.count() == 2
    assert Membership.objects.filter(user=erik).count() == 2


def test_secrets_move_to_a_newer_key(alice: User, phone: Authenticator, settings: Any) -> None:
    old, new = settings.CREDENTIALS_KEYS[0], Fernet.generate_key().decode()
    settings.CREDENTIALS_KEYS = [new, old]
    call_command("rotate_credentials")
    settings.CREDENTIALS_KEYS = [new]
    assert spend_code(alice, phone.code()) is True


def test_one_persons_secret_opens_nothing_for_another(alice: User, bob: User, phone: Authenticator) -> None:
    Authenticator(bob)
    stolen = SecondFactor.objects.get(user=alice).sealed_secret
    SecondFactor.objects.filter(user=bob).update(sealed_secret=stolen)
    assert sign_in(bob.email, otp=phone.code()).status_code == 503


@pytest.mark.django_db(transaction=True)
def test_a_code_tried_by_many_at_once_opens_once(alice: User) -> None:
    phone = Authenticator(alice)
    code, spare = phone.code(), phone.recovery_codes[0]
    assert all_at_once([lambda: spend_code(alice, code)] * 15).count(True) == 1
    assert all_at_once([lambda: spend_code(alice, spare)] * 15).count(True) == 1
