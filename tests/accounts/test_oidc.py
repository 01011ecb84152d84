"""Signing in at an OpenID provider: whom it lets in, and every lie that is refused."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr

from apps.accounts.models import ExternalIdentity, Organization, Role, User
from apps.accounts.principal import Principal
from apps.accounts.services import create_api_key
from apps.accounts.services.invitations import invite
from tests.accounts.conftest import actions, key_client, member_of
from tests.accounts.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, running_provider
from tests.accounts.test_second_factor import Authenticator
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(environment: Callable[..., None]) -> Iterator[OpenIdProvider]:
    with running_provider() as running:
        environment(
            oidc_issuer=running.issuer, oidc_client_id=CLIENT_ID, oidc_client_secret=SecretStr(CLIENT_SECRET),
            oidc_label="Acme ID",
        )  # fmt: skip
        running.claims = {"sub": "42", "email": "alice@acme.example", "email_verified": True, "name": "Alice"}
        yield running


def come_back(provider: OpenIdProvider, client: Client | None = None, **changed: str) -> tuple[Client, Any]:
    client = client or Client()
    address = client.post("/sign-in/oidc")["Location"]
    assert address.startswith(f"{provider.issuer}/authorize?")
    return client, client.get("/sign-in/oidc/callback", {**provider.authorize(address), **changed})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_it_is_off_by_default(db: None) -> None:
    client = Client()
    assert "oidc" not in client.get("/sign-in").content.decode()
    assert client.post("/sign-in/oidc")["Location"] == "/sign-in"
    assert client.get("/sign-in/oidc/callback", {"code": "x", "state": "x"})["Location"] == "/sign-in"


def test_a_verified_address_finds_its_account_and_then_the_identity_does(
    provider: OpenIdProvider, alice: User, acme: Organization
) -> None:
    assert "Sign in with Acme ID" in Client().get("/sign-in").content.decode()
    client, answer = come_back(provider)
    assert (answer["Location"], is_in(client)) == ("/", True)
    assert ExternalIdentity.objects.get().user == alice
    provider.claims = {"sub": "42", "email": "renamed@elsewhere.example", "email_verified": False}
    client, _ = come_back(provider)
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert actions() == ["external_identity.linked", "sign_in.succeeded", "sign_in.succeeded"]


@pytest.mark.parametrize("said", [False, None, "true", 1])
def test_an_address_that_is_not_verified_finds_nobody(
    provider: OpenIdProvider, alice: User, acme: Organization, said: Any
) -> None:
    provider.claims["email_verified"] = said
    client, answer = come_back(provider)
    assert not is_in(client)
    assert "not verified your e-mail" in answer.content.decode()


@pytest.mark.parametrize(
    "tamper",
    [
        {"nonce": "other"}, {"nonce": None}, {"aud": "other"}, {"aud": None}, {"aud": ["other", "third"]},
        {"iss": "http://elsewhere.example"}, {"iss": None}, {"exp": int(time.time()) - 3_600}, {"exp": None},
        {"iat": int(time.time()) + 3_600}, {"sub": None}, {"azp": "other"},
    ],
)  # fmt: skip
def test_an_id_token_that_does_not_fit_is_refused(
    provider: OpenIdProvider, alice: User, acme: Organization, tamper: dict[str, Any]
) -> None:
    provider.tamper = tamper
    client, answer = come_back(provider)
    assert not is_in(client)
    assert "did not vouch for you" in answer.content.decode()
    assert actions() == ["sign_in.failed"]


@pytest.mark.parametrize("discovered", [["RS256"], ["RS256", "HS256", "none"]])
@pytest.mark.parametrize(
    "sign_with",
    [{"algorithm": "none", "key": ""}, {"algorithm": "HS256", "key": CLIENT_SECRET * 2}, {"headers": {"kid": "other"}}],
    ids=str,
)
def test_another_algorithm_or_key_is_refused(
    provider: OpenIdProvider, alice: User, acme: Organization, sign_with: dict[str, Any], discovered: list[str]
) -> None:
    provider.discovery = {"id_token_signing_alg_values_supported": discovered}
    provider.sign_with = sign_with
    client, _ = come_back(provider)
    assert not is_in(client)


def test_a_signature_of_another_key_is_refused(provider: OpenIdProvider, alice: User, acme: Organization) -> None:
    come_back(provider)
    with running_provider() as other:
        provider.sign_with = {"key": other.key}
        client, _ = come_back(provider)
    assert not is_in(client)


def test_a_discovery_document_of_another_issuer_is_refused(provider: OpenIdProvider, acme: Organization) -> None:
    provider.discovery = {"issuer": "http://elsewhere.example"}
    answer = Client().post("/sign-in/oidc")
    assert answer.status_code == 503


@pytest.mark.parametrize("changed", [{"state": "other"}, {"code": "other"}])
def test_another_state_or_code_is_refused(
    provider: OpenIdProvider, alice: User, acme: Organization, changed: dict[str, str]
) -> None:
    client, _ = come_back(provider, **changed)
    assert not is_in(client)


def test_a_browser_that_did_not_begin_is_refused(provider: OpenIdProvider, alice: User, acme: Organization) -> None:
    parameters = provider.authorize(Client().post("/sign-in/oidc")["Location"])
    stranger = Client()
    stranger.get("/sign-in/oidc/callback", parameters)
    assert not is_in(stranger)


def test_coming_back_twice_is_refused(provider: OpenIdProvider, alice: User, acme: Organization) -> None:
    client = Client()
    parameters = provider.authorize(client.post("/sign-in/oidc")["Location"])
    client.get("/sign-in/oidc/callback", parameters)
    client.post("/sign-out")
    client.get("/sign-in/oidc/callback", parameters)
    assert not is_in(client)


def test_an_unknown_person_needs_an_invitation(
    provider: OpenIdProvider, as_alice: Principal, acme: Organization
) -> None:
    provider.claims = {"sub": "7", "email": "Nina@New.example", "email_verified": True, "name": "Nina"}
    client, answer = come_back(provider)
    assert not is_in(client)
    assert "no account or invitation" in answer.content.decode()
    invite(email="nina@new.example", role=Role.ANALYST, by=as_alice)
    client, _ = come_back(provider)
    nina = User.objects.get(email="nina@new.example")
    assert (is_in(client), member_of(acme, nina).role, nina.has_usable_password()) == (True, "analyst", False)


def test_only_the_installations_domains_may_come(
    provider: OpenIdProvider, alice: User, acme: Organization, environment: Callable[..., None]
) -> None:
    environment(oidc_domains=["globex.example"])
    assert not is_in(come_back(provider)[0])
    environment(oidc_domains=["acme.example"])
    assert is_in(come_back(provider)[0])


def test_a_disabled_person_stays_out(provider: OpenIdProvider, alice: User, acme: Organization) -> None:
    come_back(provider)
    User.objects.update(is_active=False)
    assert not is_in(come_back(provider)[0])


def test_whoever_made_an_account_for_anothers_address_loses_it(
    provider: OpenIdProvider, alice: User, acme: Organization
) -> None:
    squatter = Client()
    squatter.force_login(alice)
    _, secret = create_api_key(membership=member_of(acme, alice), name="script")
    come_back(provider)
    alice.refresh_from_db()
    assert (alice.has_usable_password(), alice.email_verified_at is None) == (False, False)
    assert squatter.get("/account")["Location"].startswith("/sign-in")
    assert key_client(secret).get("/api/v1/queries").status_code == 401


def test_a_verified_account_keeps_its_password(provider: OpenIdProvider, alice: User, acme: Organization) -> None:
    User.objects.update(email_verified_at=alice.date_joined)
    come_back(provider)
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_the_second_factor_is_asked_for_all_the_same(provider: OpenIdProvider, alice: User, acme: Organization) -> None:
    User.objects.update(email_verified_at=alice.date_joined)
    phone = Authenticator(alice)
    client, answer = come_back(provider)
    assert (answer["Location"], is_in(client)) == ("/sign-in/code", False)
    client.post("/sign-in/code", {"code": phone.code()})
    assert is_in(client)


def test_a_provider_that_is_away_is_told(environment: Callable[..., None], db: None) -> None:
    environment(oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT_ID, oidc_client_secret=SecretStr(CLIENT_SECRET))
    answer = Client().post("/sign-in/oidc")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "127.0.0.1" not in answer.content.decode()
