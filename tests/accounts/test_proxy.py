"""A proxy's word for who somebody is: off by default, believed from named networks only."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from apps.accounts.models import Organization, User
from apps.accounts.proxy import ProxyUserMiddleware
from tests.accounts.test_second_factor import Authenticator

pytestmark = pytest.mark.django_db
PROXY, STRANGER = "10.9.8.7", "198.51.100.1"


@pytest.fixture
def trusted(environment: Callable[..., None]) -> None:
    environment(proxy_user_header="X-Forwarded-User", proxy_user_networks=["10.9.8.0/24", "fd00::/8"])


def opened(address: str, said: str | None, client: Client | None = None, **more: Any) -> int:
    headers = {} if said is None else {"X-Forwarded-User": said}
    return (client or Client(**more)).get("/history", headers=headers, REMOTE_ADDR=address).status_code


def test_without_the_setting_nobody_is_believed(acme: Organization, alice: User) -> None:
    assert opened(PROXY, alice.email) == 302


@pytest.mark.parametrize(("address", "expected"), [(PROXY, 200), ("fd00::5", 200), (STRANGER, 302), ("", 302)])
def test_only_named_networks_are_believed(
    trusted: None, acme: Organization, alice: User, address: str, expected: int
) -> None:
    assert opened(address, alice.email) == expected
    assert opened(address, alice.email.upper()) == expected


def test_an_address_that_is_only_claimed_is_not_believed(trusted: None, acme: Organization, alice: User) -> None:
    assert opened(STRANGER, alice.email, HTTP_X_FORWARDED_FOR=PROXY, HTTP_X_REAL_IP=PROXY) == 302


@pytest.mark.parametrize("said", ["nobody@acme.example", "", "alice@acme.example,bob@acme.example", "\x00", "alice"])
def test_who_is_not_known_is_nobody(trusted: None, acme: Organization, said: str) -> None:
    assert opened(PROXY, said) == 302


def test_a_disabled_person_is_nobody(trusted: None, acme: Organization, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert opened(PROXY, alice.email) == 302


def test_the_session_follows_the_proxy(trusted: None, acme: Organization, alice: User, bob: User) -> None:
    client = Client()
    for said in (alice, bob):
        opened(PROXY, said.email, client)
        assert client.session["_auth_user_id"] == str(said.pk)
    assert opened(PROXY, None, client) == 302  # it names nobody any more


def test_a_session_by_password_outlives_a_proxy_that_says_nothing(
    trusted: None, acme: Organization, alice: User
) -> None:
    client = Client()
    client.force_login(alice)
    assert opened(PROXY, None, client) == 200


def test_the_second_factor_is_asked_for_all_the_same(trusted: None, acme: Organization, alice: User) -> None:
    phone = Authenticator(alice)
    client = Client(REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_USER=alice.email)
    assert client.get("/history").status_code == 302
    assert client.get("/sign-in")["Location"] == "/sign-in/code"
    assert client.post("/sign-in/code", {"code": phone.code()})["Location"] == "/history"
    assert client.get("/history").status_code == 200


def test_the_api_is_not_opened_by_it(trusted: None, acme: Organization, alice: User) -> None:
    client = Client(REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_USER=alice.email)
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("address", [PROXY, STRANGER])
def test_nothing_behind_sees_the_header(trusted: None, address: str) -> None:
    seen: list[Any] = []

    def view(request: Any) -> HttpResponse:
        seen.extend([request.META.get("HTTP_X_FORWARDED_USER"), request.headers.get("X-Forwarded-User")])
        return HttpResponse()

    request = RequestFactory().get("/api/v1/me", headers={"X-Forwarded-User": "alice"}, REMOTE_ADDR=address)
    assert request.headers["X-Forwarded-User"] == "alice"
    ProxyUserMiddleware(view)(request)
    assert seen == [None, None]
