"""API keys: what each may do on every route, how they are made, rotated and ended, and that no trace of them stays."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.key_format import hash_key, is_well_formed, new_secret
from apps.accounts.models import ApiKey, Organization, User
from apps.accounts.services import create_api_key
from apps.accounts.services.api_keys import SCOPES
from tests.accounts.conftest import actions, key_client, member_of

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]


def a_key(organization: Organization, user: User, **options: Any) -> tuple[ApiKey, str]:
    return create_api_key(membership=member_of(organization, user), name="script", **options)


@pytest.mark.parametrize("path", ["me/password", "me/second-factor", "auth/sign-out-everywhere", "organizations"])
def test_a_key_is_not_its_person(acme: Organization, alice: User, path: str) -> None:
    client = key_client(a_key(acme, alice, scopes=SCOPES)[1])
    assert client.post(f"/api/v1/{path}", {}, format="json").status_code == 401


def test_a_new_key_may_only_read_unless_more_is_asked(client_of: ClientOf, acme: Organization, alice: User) -> None:
    made = client_of(alice).post("/api/v1/api-keys", {"name": "script"}, format="json").json()
    assert made["scopes"] == ["read"]


def test_a_keys_text_has_enough_chance_and_a_checksum() -> None:
    secrets = [new_secret() for _ in range(200)]
    assert len(set(secrets)) == 200
    assert all(is_well_formed(one) and len(one) == 52 for one in secrets)
    one = secrets[0]
    wrong = [
        one[:-1],
        one + "A",
        one.swapcase(),
        "sk_" + one[3:],
        one[:20] + ("A" if one[20] != "A" else "B") + one[21:],
    ]
    assert not any(
        is_well_formed(text) for text in [*wrong, "", "pk_", "pk_" + "\N{LATIN SMALL LETTER A WITH ACUTE}" * 49]
    )


def test_a_typing_error_costs_no_look_into_the_database(acme: Organization) -> None:
    with CaptureQueriesContext(connection) as reads:
        assert key_client("pk_" + "x" * 49).get("/api/v1/me").status_code == 401
    assert not any("key_hash" in read["sql"] for read in reads)


def test_expired_revoked_and_unknown_keys_get_the_same_answer(acme: Organization, alice: User) -> None:
    ended = {"expires_at": timezone.now(), "revoked_at": timezone.now()}
    secrets = [new_secret()]
    for field, moment in ended.items():
        key, secret = a_key(acme, alice)
        ApiKey.objects.filter(pk=key.pk).update(**{field: moment})
        secrets.append(secret)
    answers = [key_client(secret).get("/api/v1/queries") for secret in secrets]
    bodies = [{**answer.json()["error"], "correlation_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {401}
    assert bodies[0] == bodies[1] == bodies[2]
    assert actions().count("api_key.refused") == 2


def test_rotating_gives_a_new_secret_and_keeps_the_old_one_for_a_while(
    client_of: ClientOf, acme: Organization, alice: User
) -> None:
    key, old = a_key(acme, alice)
    path = f"/api/v1/api-keys/{key.pk}/rotate"
    new = client_of(alice).post(path, {"overlap_seconds": 60}, format="json").json()["key"]
    assert [key_client(secret).get("/api/v1/queries").status_code for secret in (old, new)] == [200, 200]
    ApiKey.objects.update(previous_expires_at=timezone.now())
    assert [key_client(secret).get("/api/v1/queries").status_code for secret in (old, new)] == [401, 200]
    newest = client_of(alice).post(path, {"overlap_seconds": 0}, format="json").json()["key"]
    assert [key_client(secret).get("/api/v1/queries").status_code for secret in (new, newest)] == [401, 200]
    assert actions().count("api_key.rotated") == 2


def test_revoking_ends_both_secrets_of_an_overlap(client_of: ClientOf, acme: Organization, alice: User) -> None:
    key, old = a_key(acme, alice)
    new = client_of(alice).post(f"/api/v1/api-keys/{key.pk}/rotate", {}, format="json").json()["key"]
    assert client_of(alice).delete(f"/api/v1/api-keys/{key.pk}").status_code == 204
    assert [key_client(secret).get("/api/v1/queries").status_code for secret in (old, new)] == [401, 401]
    again = client_of(alice).post(f"/api/v1/api-keys/{key.pk}/rotate", {}, format="json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "api_key_ended")


def test_a_key_makes_and_rotates_nothing_that_reaches_further(acme: Organization, alice: User) -> None:
    soon = timezone.now() + timedelta(days=1)
    wide, _ = a_key(acme, alice, scopes=SCOPES)
    endless, _ = a_key(acme, alice, scopes=["manage"])
    client = key_client(a_key(acme, alice, scopes=["manage"], expires_at=soon)[1])

    def make(**more: Any) -> Any:
        return client.post("/api/v1/api-keys", {"name": "x", "scopes": ["manage"], **more}, format="json")

    later, sooner = (soon + timedelta(days=1)).isoformat(), (soon - timedelta(hours=1)).isoformat()
    refused = [
        (make(expires_at=sooner, scopes=["read"]), "scopes"), (make(), "expires_at"),
        (make(expires_at=later), "expires_at"), (make(expires_at=sooner, organization="globex"), "organization"),
        (client.post(f"/api/v1/api-keys/{wide.pk}/rotate", {}, format="json"), "scopes"),
        (client.post(f"/api/v1/api-keys/{endless.pk}/rotate", {}, format="json"), "expires_at"),
    ]  # fmt: skip
    assert [(answer.status_code, field in answer.json()["error"]["details"]) for answer, field in refused] == [
        (400, True)
    ] * 6
    assert make(expires_at=sooner).status_code == 201


def test_a_key_reaches_no_other_organization(acme: Organization, globex: Organization, alice: User) -> None:
    client = key_client(a_key(acme, alice, scopes=SCOPES)[1])
    assert client.get("/api/v1/queries", headers={"X-Organization": "globex"}).status_code == 404
    assert client.get(f"/api/v1/organizations/{globex.pk}").status_code == 404


def test_administrators_see_and_revoke_all_keys_and_rotate_only_their_own(
    client_of: ClientOf, acme: Organization, alice: User, bob: User, charlie: User, dora: User, erik: User,
    globex: Organization,
) -> None:  # fmt: skip
    alices, _ = a_key(acme, alice)
    eriks, secret = a_key(acme, erik)
    path = f"/api/v1/api-keys/{eriks.pk}"
    seen = {
        user.email: [one["owner"] for one in client_of(user).get("/api/v1/api-keys").json().get("results", [])]
        for user in (dora, erik, bob, charlie)
    }
    assert seen == {
        dora.email: [erik.email, alice.email], erik.email: [erik.email], bob.email: [], charlie.email: [],
    }  # fmt: skip
    assert client_of(erik).delete(f"/api/v1/api-keys/{alices.pk}").status_code == 404
    assert client_of(bob).get(path).status_code == 403
    assert [client_of(charlie).get(path).status_code, client_of(charlie).delete(path).status_code] == [404, 404]
    assert client_of(dora).post(f"{path}/rotate", {}, format="json").status_code == 404
    assert client_of(dora).delete(path).status_code == 204
    assert key_client(secret).get("/api/v1/queries").status_code == 401


def test_a_list_shows_the_beginning_and_the_last_four_characters_only(
    client_of: ClientOf, acme: Organization, alice: User
) -> None:
    made = client_of(alice).post("/api/v1/api-keys", {"name": "script"}, format="json").json()
    rotated = client_of(alice).post(f"/api/v1/api-keys/{made['id']}/rotate", {}, format="json").json()
    assert made["key"] != rotated["key"]
    for one in (made, rotated):
        assert (one["key"][:10], one["key"][-4:]) == (one["prefix"], one["last_chars"])
    [listed] = client_of(alice).get("/api/v1/api-keys").json()["results"]
    assert (listed["prefix"], listed["last_chars"]) == (rotated["prefix"], rotated["last_chars"])
    assert "key" not in listed
    page = Client()
    page.force_login(alice)
    assert (
        f"{rotated['prefix']}\N{HORIZONTAL ELLIPSIS}{rotated['last_chars']}" in page.get("/api-keys").content.decode()
    )


def test_use_is_noted_once_a_minute(acme: Organization, alice: User) -> None:
    _, secret = a_key(acme, alice)
    key_client(secret).get("/api/v1/queries")
    first = ApiKey.objects.get().last_used_at
    with CaptureQueriesContext(connection) as reads:
        key_client(secret).get("/api/v1/queries")
    assert not any(read["sql"].startswith("UPDATE") for read in reads)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    key_client(secret).get("/api/v1/queries")
    assert ApiKey.objects.get().last_used_at > first


def test_no_trace_of_a_key_stays_anywhere(
    client_of: ClientOf, acme: Organization, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = client_of(alice).post("/api/v1/api-keys", {"name": "script", "scopes": ["read"]}, format="json").json()
    path = f"/api/v1/api-keys/{made['id']}"
    rotated = client_of(alice).post(f"{path}/rotate", {}, format="json").json()["key"]
    secrets = [made["key"], rotated]
    answers = [key_client(secret).get("/api/v1/queries") for secret in secrets]
    client_of(alice).delete(path)
    answers += [key_client(secret).get("/api/v1/queries") for secret in secrets]
    answers += [
        client_of(alice).get(path),
        client_of(alice).get("/api/v1/api-keys"),
        client_of(alice).get("/api/v1/audit"),
    ]
    kept = whole_database() + caplog.text + "".join(answer.content.decode() for answer in answers)
    assert hash_key(rotated) in kept  # the scan sees what is stored
    for secret in secrets:
        assert secret not in kept
        assert secret[10:40] not in kept


def whole_database() -> str:
    """Every row of every table, as text."""
    rows: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows)
