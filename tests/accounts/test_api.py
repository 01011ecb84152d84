"""Signing in, tokens, keys and limits over REST."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import ApiKey, Membership, Organization, Role, User
from apps.accounts.services import add_member, create_api_key
from apps.datasources.models import DataSource
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]


def sign_in(client: APIClient, email: str, password: str = PASSWORD) -> Any:
    return client.post("/api/v1/auth/token", {"email": email, "password": password}, format="json")


def test_email_and_password_give_a_pair_of_tokens(alice: User) -> None:
    client = APIClient()
    pair = sign_in(client, "alice@acme.example").json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert client.get("/api/v1/me").json()["email"] == "alice@acme.example"


def test_the_case_of_an_address_does_not_matter(alice: User) -> None:
    assert sign_in(APIClient(), "Alice@ACME.example").status_code == 200


@pytest.mark.parametrize("email", ["alice@acme.example", "nobody@acme.example"])
def test_a_wrong_password_and_an_unknown_person_look_the_same(alice: User, email: str) -> None:
    response = sign_in(APIClient(), email, "wrong")
    assert response.status_code == 401
    error = response.json()["error"]
    assert (error["code"], error["message"]) == (
        "not_authenticated",
        "No active account found with the given credentials",
    )


def test_a_refresh_token_is_good_once(alice: User, settings: Any) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"refresh_grace_seconds": 0})
    client = APIClient()
    refresh = sign_in(client, alice.email).json()["refresh"]
    again = client.post("/api/v1/auth/token/refresh", {"refresh": refresh}, format="json")
    assert again.status_code == 200
    assert again.json()["refresh"] != refresh
    assert client.post("/api/v1/auth/token/refresh", {"refresh": refresh}, format="json").status_code == 401


def test_a_revoked_refresh_token_is_dead(alice: User) -> None:
    client = APIClient()
    refresh = sign_in(client, alice.email).json()["refresh"]
    for _ in range(2):
        assert client.post("/api/v1/auth/token/revoke", {"refresh": refresh}, format="json").status_code == 204
    assert client.post("/api/v1/auth/token/refresh", {"refresh": refresh}, format="json").status_code == 401
    assert client.post("/api/v1/auth/token/revoke", {"refresh": "nonsense"}, format="json").status_code == 400


def test_a_refresh_token_opens_nothing_by_itself(alice: User) -> None:
    client = APIClient()
    refresh = sign_in(client, alice.email).json()["refresh"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {refresh}")
    assert client.get("/api/v1/me").status_code == 401


def test_a_deactivated_person_is_out_at_once(alice: User, acme: Organization, client_of: ClientOf) -> None:
    client = client_of(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get("/api/v1/me").status_code == 401


def test_a_key_is_shown_once_and_stored_as_a_hash(alice: User, acme: Organization, client_of: ClientOf) -> None:
    created = client_of(alice).post("/api/v1/api-keys", {"name": "script"}, format="json")
    assert created.status_code == 201
    secret = created.json()["key"]
    key = ApiKey.objects.get()
    assert secret not in str(ApiKey.objects.values().get())
    assert secret.startswith(key.prefix)
    listed = client_of(alice).get("/api/v1/api-keys").json()["results"]
    assert "key" not in listed[0]


def test_a_key_acts_as_its_person_within_its_scopes(alice: User, acme: Organization, source: DataSource) -> None:
    _, secret = create_api_key(membership=Membership.objects.get(user=alice), name="reader", scopes=["read"])
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=secret)
    assert client.get("/api/v1/me").json()["email"] == alice.email
    assert client.get("/api/v1/queries").status_code == 200
    asked = client.post("/api/v1/queries", {"question": "How many?", "data_source": "sample"}, format="json")
    assert asked.status_code == 403
    assert ApiKey.objects.get().last_used_at is not None


@pytest.mark.parametrize(
    "change",
    [{"revoked_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(seconds=1)}, {"key_hash": "0" * 64}],
)
def test_a_revoked_expired_or_unknown_key_is_a_401(alice: User, acme: Organization, change: dict[str, Any]) -> None:
    _, secret = create_api_key(membership=Membership.objects.get(user=alice), name="script")
    ApiKey.objects.update(**change)
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=secret)
    assert client.get("/api/v1/queries").status_code == 401


def test_revoking_a_key_ends_it_and_only_ones_own(
    alice: User, bob: User, charlie: User, acme: Organization, globex: Organization, client_of: ClientOf
) -> None:
    key, secret = create_api_key(membership=Membership.objects.get(user=alice), name="script")
    assert client_of(charlie).delete(f"/api/v1/api-keys/{key.pk}").status_code == 404
    assert client_of(bob).delete(f"/api/v1/api-keys/{key.pk}").status_code == 403
    assert client_of(alice).delete(f"/api/v1/api-keys/{key.pk}").status_code == 204
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=secret)
    assert client.get("/api/v1/queries").status_code == 401


def test_who_is_in_two_organizations_names_one(
    alice: User, acme: Organization, globex: Organization, client_of: ClientOf
) -> None:
    add_member(organization=globex, user=alice, role=Role.ANALYST)
    client = client_of(alice)
    response = client.get("/api/v1/queries")
    assert response.status_code == 400
    assert "X-Organization" in response.json()["error"]["details"]
    assert client.get("/api/v1/queries", headers={"X-Organization": "globex"}).status_code == 200
    assert client.get("/api/v1/queries", headers={"X-Organization": "elsewhere"}).status_code == 404


def test_a_limited_route_tells_its_limit_and_then_refuses(
    alice: User, acme: Organization, source: DataSource, client_of: ClientOf, settings: Any
) -> None:
    settings.RATELIMIT_ENABLE = True
    client = client_of(alice)
    body = {"question": "", "data_source": "sample"}
    answers = [client.post("/api/v1/queries", body, format="json") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [400] * 10 + [429]
    assert answers[0]["X-RateLimit-Limit"] == "10"
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == [str(max(0, 9 - n)) for n in range(11)]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert answers[-1].json()["error"]["code"] == "rate_limited"


def test_another_persons_calls_do_not_count_against_mine(
    alice: User, bob: User, acme: Organization, client_of: ClientOf, settings: Any
) -> None:
    settings.RATELIMIT_ENABLE = True
    for _ in range(3):
        client_of(alice).get("/api/v1/queries")
    assert client_of(bob).get("/api/v1/queries")["X-RateLimit-Remaining"] == "59"


@pytest.mark.parametrize(
    ("route", "body", "field"),
    [
        ("token", {"email": 5, "password": "x"}, "email"),
        ("token", {"email": "a@b.example", "password": 5}, "password"),
        ("token", {"email": "a@b.example", "password": "x", "role": "owner"}, "role"),
        ("token", {"email": "a" * 255, "password": "x"}, "email"),
        ("token/refresh", {"refresh": 5}, "refresh"),
        ("token/refresh", {"refresh": "x", "role": "owner"}, "role"),
    ],
)
def test_bad_input_on_signing_in_names_the_field(db: None, route: str, body: dict[str, Any], field: str) -> None:
    response = APIClient().post(f"/api/v1/auth/{route}", body, format="json")
    assert response.status_code == 400
    assert field in response.json()["error"]["details"]


def test_a_key_makes_no_key_that_may_do_more(alice: User, acme: Organization) -> None:
    _, secret = create_api_key(membership=Membership.objects.get(user=alice), name="script", scopes=["manage"])
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=secret)
    wider = client.post("/api/v1/api-keys", {"name": "more", "scopes": ["manage", "read"]}, format="json")
    assert wider.status_code == 400
    assert wider.json()["error"]["details"]["scopes"] == ["read"]
    assert client.post("/api/v1/api-keys", {"name": "same", "scopes": ["manage"]}, format="json").status_code == 201


def test_a_key_that_would_be_born_expired_is_refused(alice: User, acme: Organization, client_of: ClientOf) -> None:
    body = {"name": "late", "expires_at": "2001-01-01T00:00:00Z"}
    response = client_of(alice).post("/api/v1/api-keys", body, format="json")
    assert "expires_at" in response.json()["error"]["details"]


def sign_in_from(forwarded_for: str) -> int:
    body = {"email": f"{uuid4()}@acme.example", "password": "x"}
    headers = {"X-Forwarded-For": forwarded_for}
    return APIClient().post("/api/v1/auth/token", body, format="json", headers=headers).status_code


def test_behind_a_trusted_proxy_each_client_has_its_own_limit(db: None, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.PARLEY = settings.PARLEY.model_copy(update={"trust_proxy_headers": True})
    assert [sign_in_from("192.0.2.1") for _ in range(11)][-1] == 429
    assert sign_in_from("192.0.2.2") == 401
    assert sign_in_from("192.0.2.2, 192.0.2.1") == 429


def test_without_a_proxy_the_header_buys_no_fresh_limit(db: None, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    assert [sign_in_from(f"192.0.2.{n}") for n in range(11)][-1] == 429
