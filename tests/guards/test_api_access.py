"""Who may call what, for every operation of the OpenAPI document: by role, by a key's scope, and across organizations.

`access.toml` says what each needs. An operation that it does not list fails: a new route says who may call it.
"""

import tomllib
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, Role, User
from apps.accounts.services import add_member, create_api_key
from apps.datasources.models import AccessPolicy, DataSource
from tests.guards.owned_rows import make_row

TABLE: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "access.toml").read_text())
DOCUMENT = SchemaGenerator().get_schema(public=True)
OPERATIONS = sorted(f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods)
INSIDE = [one for one in OPERATIONS if TABLE.get(one, {}).get("role")]
SIGNED_IN = [one for one in OPERATIONS if not TABLE.get(one, {}).get("open")]
WITH_ID = [one for one in OPERATIONS if "{id}" in one]
SCOPES = ("ask", "read", "manage")
pytestmark = pytest.mark.django_db


def call(client: APIClient, operation: str, pk: object = None, more: Mapping[str, Any] | None = None) -> Any:
    """Call an operation with the body that the table gives for it, and `more`."""
    method, path = operation.split(" ")
    path = path.replace("{id}", str(pk or uuid.uuid4())).replace("{extension}", "csv").replace("{number}", "0")
    for name, value in TABLE[operation].get("path", {}).items():
        path = path.replace(f"{{{name}}}", value)
    body = {**TABLE[operation].get("body", {}), **(more or {})}
    if method == "GET":
        return client.get(path, TABLE[operation].get("query", {}))
    return getattr(client, method.lower())(path, body, format=TABLE[operation].get("format", "json"))


def own_id(operation: str, acme: Organization) -> object:
    """An address that names the organization decides by it who may; every other id may be of no row."""
    return acme.pk if "/organizations/{id}" in operation else None


@pytest.fixture
def member_of(acme: Organization) -> Callable[[str], User]:
    def make(role: str) -> User:
        user = User.objects.create_user(f"{role}@acme.example", "a-password-of-a-role")
        add_member(organization=acme, user=user, role=Role(role))
        return user

    return make


def test_the_table_lists_every_operation_and_no_other() -> None:
    assert sorted(TABLE) == OPERATIONS


@pytest.mark.parametrize("operation", SIGNED_IN)
def test_who_is_not_signed_in_gets_401(db: None, operation: str) -> None:
    assert call(APIClient(), operation).status_code == 401


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("operation", INSIDE)
def test_each_role_may_do_what_the_table_says(
    operation: str,
    role: str,
    acme: Organization,
    member_of: Callable[[str], User],
    client_of: Callable[[User], APIClient],
) -> None:
    answer = call(client_of(member_of(role)), operation, own_id(operation, acme))
    is_allowed = Role(role).includes(Role(TABLE[operation]["role"]))
    assert (answer.status_code != 403) is is_allowed, answer.content
    assert answer.status_code not in (401, 500)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("operation", INSIDE)
def test_a_key_may_do_what_its_scope_says(operation: str, scope: str, acme: Organization, alice: User) -> None:
    owner = Membership.objects.get(organization=acme, user=alice)
    _, secret = create_api_key(membership=owner, name=scope, scopes=[scope])
    client = APIClient(headers={"X-API-Key": secret})
    answer = call(client, operation, own_id(operation, acme))
    is_allowed = TABLE[operation]["scope"] == scope
    assert (answer.status_code != 403) is is_allowed, answer.content


@pytest.mark.parametrize("operation", WITH_ID)
def test_anothers_row_looks_like_one_that_is_not_there(
    operation: str, source: DataSource, alice: User, charlie: User, globex: Organization,
    client_of: Callable[[User], APIClient],
) -> None:  # fmt: skip
    row = make_row(operation, source, alice)
    client = client_of(charlie)
    client.credentials(**client._credentials, HTTP_X_REQUEST_ID="the-same-for-both")
    foreign, unknown = call(client, operation, row), call(client, operation, uuid.uuid4())
    assert foreign.status_code == unknown.status_code == 404, foreign.content
    assert foreign.content == unknown.content
    assert headers_of(foreign) == headers_of(unknown)


def headers_of(answer: Any) -> dict[str, str]:
    """All but how long it took."""
    return {name: value for name, value in answer.headers.items() if name != "X-Response-Time"}


@pytest.mark.parametrize("operation", INSIDE)
def test_who_administers_the_installation_is_nobody_inside_an_organization(
    operation: str, acme: Organization, client_of: Callable[[User], APIClient]
) -> None:
    admin = User.objects.create_superuser("admin@parley.example", "a-password-of-an-admin")
    assert call(client_of(admin), operation, own_id(operation, acme)).status_code == 404


# What a body must not be able to decide. An operation that documents a field of that name means it.
NOT_THE_CALLERS = {
    "organization": "globex", "organization_id": str(uuid.uuid4()), "tenant_id": str(uuid.uuid4()), "role": "owner",
    "quota": 1_000_000, "is_admin": True, "is_superuser": True, "is_staff": True, "created_by": str(uuid.uuid4()),
    "user": str(uuid.uuid4()), "user_id": str(uuid.uuid4()), "id": str(uuid.uuid4()), "key_hash": "0" * 64,
    "credentials": "x", "password_hash": "x",
}  # fmt: skip


def documented_fields(operation: str) -> set[str] | None:
    """The fields of an operation's body; None where it takes none."""
    method, path = operation.split(" ")
    body = DOCUMENT["paths"][path][method.lower()].get("requestBody")
    if body is None:
        return None
    [content] = body["content"].values()
    name = content["schema"]["$ref"].rpartition("/")[2]
    return set(DOCUMENT["components"]["schemas"][name]["properties"])


WITH_A_BODY = [one for one in OPERATIONS if documented_fields(one) is not None]


@pytest.mark.parametrize("operation", WITH_A_BODY)
def test_a_field_that_is_not_the_callers_to_set_is_refused_by_name(
    operation: str,
    source: DataSource,
    alice: User,
    client_of: Callable[[User], APIClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = make_row(operation, source, alice) if "{id}" in operation else None
    if "{policy_pk}" in operation:
        policy = AccessPolicy.objects.create(organization=source.organization, data_source=source, role=Role.VIEWER)
        monkeypatch.setitem(TABLE[operation]["path"], "policy_pk", str(policy.pk))
    client, known = client_of(alice), documented_fields(operation) or set()
    for name, value in NOT_THE_CALLERS.items():
        if name in known:
            continue
        answer = call(client, operation, row, {name: value})
        assert answer.status_code == 400, (name, answer.content)
        assert name in answer.json()["error"]["details"], (name, answer.content)
