"""Tokens: whose word they take, how long they last, and what ends them at once."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import argon2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, TokenFamily, User
from apps.accounts.services.organizations import deactivate_organization
from apps.accounts.services.token_families import begin_family
from apps.accounts.signing_keys import signing_keys
from apps.accounts.tokens import AccessToken
from tests.accounts.conftest import actions, all_at_once, sign_in, token_client
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]


def refresh(token: str) -> Any:
    return APIClient().post("/api/v1/auth/token/refresh", {"refresh": token}, format="json")


def status_with(access: str) -> int:
    return int(token_client(access).get("/api/v1/me").status_code)


def claims_of(access: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(access, options={"verify_signature": False})
    return claims


def signed(claims: dict[str, Any], **options: Any) -> str:
    key = signing_keys()[0]
    given = {"key": key.secret, "algorithm": "HS256", "headers": {"kid": key.id}, **options}
    return jwt.encode(claims, **given)


def encoded(part: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@pytest.fixture
def access(alice: User) -> str:
    return begin_family(alice).access


def test_our_own_signature_over_our_own_claims_is_taken(access: str) -> None:
    assert status_with(signed(claims_of(access))) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "elsewhere"}, {"iss": "elsewhere"}, {"token_type": "refresh"}, {"token_type": None},
        {"exp": 1}, {"nbf": 9_999_999_999}, {"iat": 9_999_999_999}, {"family": None}, {"family": "x"},
        {"user_id": "x"}, {"user_id": None}, {"version": 7}, {"version": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_claim_that_does_not_fit_is_a_401(access: str, change: dict[str, Any]) -> None:
    assert status_with(signed({**claims_of(access), **change})) == 401


@pytest.mark.parametrize("name", ["exp", "iat", "jti", "aud", "iss", "token_type", "family", "user_id", "version"])
def test_a_missing_claim_is_a_401(access: str, name: str) -> None:
    claims = claims_of(access)
    del claims[name]
    assert status_with(signed(claims)) == 401


def test_no_other_algorithm_key_or_header_is_taken(access: str) -> None:
    claims, key = claims_of(access), signing_keys()[0]
    unsigned = [
        f"{encoded({'alg': name, 'typ': 'JWT', 'kid': key.id})}.{encoded(claims)}." for name in ("none", "NONE")
    ]
    forged = [
        *unsigned,
        signed(claims, algorithm="HS512", key=key.secret),
        signed(claims, algorithm="RS256", key=rsa.generate_private_key(public_exponent=65_537, key_size=2_048)),
        signed({**claims, "user_id": "00000000-0000-0000-0000-000000000001"}, key="x" * 40),
        ".".join([access.split(".")[0], encoded({**claims, "version": 1}), access.split(".")[2]]),
        signed(claims, key="another-secret-of-enough-characters-123"),
        signed(claims, headers={}),
        signed(claims, headers={"kid": "other"}),
        access[:-2] + ("AA" if not access.endswith("AA") else "BB"),
        "x" * 5_000,
    ]
    assert [status_with(token) for token in forged] == [401] * len(forged)


def test_each_token_is_good_for_its_own_use_only(alice: User) -> None:
    pair = begin_family(alice)
    assert status_with(pair.refresh) == 401
    assert refresh(pair.access).status_code == 401


def test_an_access_token_lasts_a_quarter_of_an_hour_at_most(access: str) -> None:
    claims = claims_of(access)
    assert claims["exp"] - claims["iat"] <= 15 * 60


def test_a_copied_refresh_token_ends_its_whole_family(alice: User, environment: Callable[..., None]) -> None:
    environment(refresh_grace_seconds=0)
    first = begin_family(alice)
    second = refresh(first.refresh).json()
    assert status_with(second["access"]) == 200
    assert refresh(first.refresh).status_code == 401
    assert [status_with(first.access), status_with(second["access"])] == [401, 401]
    assert refresh(second["refresh"]).status_code == 401
    assert actions() == ["token.reused"]


def test_a_lost_answer_gives_the_same_next_token_again(alice: User) -> None:
    first = begin_family(alice)
    second, again = (refresh(first.refresh).json() for _ in range(2))
    assert claims_of(second["refresh"])["jti"] == claims_of(again["refresh"])["jti"]
    assert refresh(again["refresh"]).status_code == 200
    assert actions() == []


def test_an_older_token_is_a_copy_even_within_the_grace(alice: User) -> None:
    first = begin_family(alice)
    second = refresh(first.refresh).json()
    refresh(second["refresh"])
    assert refresh(first.refresh).status_code == 401
    assert actions() == ["token.reused"]


def test_refreshing_does_not_prolong_a_sign_in_for_ever(alice: User) -> None:
    pair = begin_family(alice)
    soon = timezone.now() + timedelta(hours=1)
    TokenFamily.objects.update(expires_at=soon)
    later = refresh(pair.refresh).json()
    assert claims_of(later["refresh"])["exp"] <= soon.timestamp()
    TokenFamily.objects.update(expires_at=timezone.now())
    assert [refresh(later["refresh"]).status_code, status_with(later["access"])] == [401, 401]


def test_signing_out_ends_one_family_with_its_access_tokens(alice: User) -> None:
    here, there = begin_family(alice), begin_family(alice)
    APIClient().post("/api/v1/auth/token/revoke", {"refresh": here.refresh}, format="json")
    assert [status_with(here.access), status_with(there.access)] == [401, 200]
    assert actions() == ["sign_in.ended"]


def test_what_ended_stays_ended_where_the_cache_is_emptied(alice: User, bob: User) -> None:
    ended, live = begin_family(alice), begin_family(bob)
    APIClient().post("/api/v1/auth/token/revoke", {"refresh": ended.refresh}, format="json")
    cache.clear()  # as a restart of Redis would; it is our database that remembers
    assert [status_with(ended.access), refresh(ended.refresh).status_code] == [401, 401]
    assert status_with(live.access) == 200


def test_a_person_who_is_deleted_leaves_no_token_behind(alice: User) -> None:
    pair = begin_family(alice)
    alice.delete()
    assert [status_with(pair.access), refresh(pair.refresh).status_code] == [401, 401]


def test_signing_out_everywhere_ends_all(alice: User, bob: User) -> None:
    pairs = [begin_family(alice), begin_family(alice)]
    assert token_client(pairs[0].access).post("/api/v1/auth/sign-out-everywhere").status_code == 204
    assert [status_with(pair.access) for pair in pairs] == [401, 401]
    assert [refresh(pair.refresh).status_code for pair in pairs] == [401, 401]
    assert status_with(begin_family(bob).access) == 200


def test_being_disabled_ends_tokens_at_once(alice: User) -> None:
    pair = begin_family(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert [status_with(pair.access), refresh(pair.refresh).status_code] == [401, 401]
    assert sign_in(alice.email).status_code == 401


def test_a_deactivated_member_or_organization_lets_nobody_in(
    acme: Organization, alice: User, bob: User, as_alice: Any, client_of: ClientOf
) -> None:
    alices, bobs = client_of(alice), client_of(bob)
    Membership.objects.filter(user=bob).update(is_active=False)
    assert [alices.get("/api/v1/queries").status_code, bobs.get("/api/v1/queries").status_code] == [200, 404]
    deactivate_organization(by=as_alice)
    assert alices.get("/api/v1/queries").status_code == 404
    assert alices.get("/api/v1/me").json()["organizations"] == []


def test_keys_rotate_without_a_restart(alice: User, environment: Callable[..., None], tmp_path: Path) -> None:
    file = tmp_path / "keys"

    def write(*lines: str) -> None:
        fresh = tmp_path / "fresh"
        fresh.write_text("\n".join(lines))
        fresh.rename(file)

    write(f"old:{'o' * 40}")
    environment(jwt_signing_keys_file=file)
    old = begin_family(alice).access
    write(f"new:{'n' * 40}", f"old:{'o' * 40}")
    new = begin_family(alice).access
    assert [jwt.get_unverified_header(token)["kid"] for token in (old, new)] == ["old", "new"]
    assert [status_with(old), status_with(new)] == [200, 200]
    write(f"new:{'n' * 40}")
    assert [status_with(old), status_with(new)] == [401, 200]


def test_an_expired_access_token_is_refused_by_its_time(alice: User) -> None:
    token = AccessToken(begin_family(alice).access)  # type: ignore[arg-type]
    token.set_exp(lifetime=-timedelta(seconds=1))
    assert status_with(str(token)) == 401


def test_a_sign_in_and_a_failed_one_are_audited(alice: User) -> None:
    sign_in(alice.email)
    sign_in(alice.email, "wrong-password")
    sign_in("hunter2-typed-into-the-wrong-field", "x")
    assert actions() == ["sign_in.succeeded", "sign_in.failed", "sign_in.failed"]


def test_refused_sign_ins_cost_the_same_work_whoever_they_name(
    alice: User, bob: User, charlie: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: one argon2id computation of the same parameters each, and as many calls of our database."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    computed: list[str] = []

    def verified(hashed: bytes, secret: bytes, kind: argon2.Type) -> bool:
        found = argon2.extract_parameters(hashed.decode())
        computed.append(f"{kind.value} t={found.time_cost} m={found.memory_cost} p={found.parallelism}")
        return bool(plain_verify(hashed, secret, kind))

    def hashed_anew(secret: bytes, salt: bytes, **costs: Any) -> bytes:
        named = f"t={costs['time_cost']} m={costs['memory_cost']} p={costs['parallelism']}"
        computed.append(f"{costs['type'].value} {named}")
        return bytes(plain_hash(secret, salt, **costs))

    for user in (alice, bob):
        user.set_password(PASSWORD)
        user.save()
    assert alice.password.startswith("argon2$argon2id$")
    assert alice.password != bob.password  # the same password under another salt
    User.objects.filter(pk=bob.pk).update(is_active=False)
    charlie.set_unusable_password()
    charlie.save()
    plain_verify, plain_hash = argon2.low_level.verify_secret, argon2.low_level.hash_secret
    monkeypatch.setattr("argon2._password_hasher.verify_secret", verified)
    monkeypatch.setattr("argon2.low_level.hash_secret", hashed_anew)
    costs = {}
    for email in (alice.email, bob.email, charlie.email, "nobody@acme.example"):
        computed.clear()
        with CaptureQueriesContext(connection) as reads:
            assert sign_in(email, "wrong").status_code == 401
        costs[email] = ([*computed], len(reads))
    expected = costs[alice.email]
    assert len(expected[0]) == 1
    assert expected[0][0].startswith("2 ")  # argon2id
    assert costs == dict.fromkeys(costs, expected)


def test_an_account_is_limited_from_any_address_and_not_for_ever(alice: User, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True

    def sign_in_from(address: str, email: str) -> Any:
        body = {"email": email, "password": "wrong"}
        return APIClient(REMOTE_ADDR=address).post("/api/v1/auth/token", body, format="json")

    for email in (alice.email, "nobody@acme.example"):  # unknown accounts are counted like known ones
        answers = [sign_in_from(f"198.51.100.{n}", email.upper() if n % 2 else email) for n in range(11)]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429]
        assert 1 <= int(answers[-1]["Retry-After"]) <= 3_600


@pytest.mark.parametrize("header", [{"HTTP_X_API_KEY": "pk_wrong"}, {"HTTP_AUTHORIZATION": "Bearer wrong"}])
def test_wrong_keys_and_tokens_are_counted_before_authentication(
    access: str, settings: Any, header: dict[str, str]
) -> None:
    settings.RATELIMIT_ENABLE = True
    guesser = APIClient(REMOTE_ADDR="198.51.100.9", **header)
    codes = [guesser.get("/api/v1/me").status_code for _ in range(61)]
    assert codes == [401] * 60 + [429]
    good = {"HTTP_AUTHORIZATION": f"Bearer {access}"}
    assert APIClient(REMOTE_ADDR="198.51.100.9", **good).get("/api/v1/me").status_code == 429
    assert APIClient(REMOTE_ADDR="198.51.100.8", **good).get("/api/v1/me").status_code == 200


def test_refreshes_of_one_sign_in_are_limited(alice: User, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    token = begin_family(alice).refresh
    codes = []
    for place in range(12):
        client = APIClient(REMOTE_ADDR=f"198.51.100.{place}")
        answer = client.post("/api/v1/auth/token/refresh", {"refresh": token}, format="json")
        codes.append(answer.status_code)
        token = answer.json().get("refresh", token)
    assert codes == [200] * 10 + [429] * 2


@pytest.mark.django_db(transaction=True)
def test_of_many_refreshes_at_once_all_get_the_one_next_token(alice: User) -> None:
    token = begin_family(alice).refresh
    answers = all_at_once([lambda: refresh(token)] * 12)
    assert {answer.status_code for answer in answers} == {200}
    assert len({claims_of(answer.json()["refresh"])["jti"] for answer in answers}) == 1
