"""Access policies over REST: saved, refused by field, explained, and for administrators only."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Membership, Organization, Role, User
from apps.accounts.services import add_member
from apps.datasources.models import AccessPolicy, DataSource
from apps.datasources.services import sync_data_source

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
GERMANS = {
    "tables": {"except": ["employees"]},
    "rules": [
        {
            "table": "customers",
            "columns": {"only": ["id", "name", "email", "country"]},
            "filter": "country = :land",
            "masks": {"email": {"kind": "last4"}},
        }
    ],
}


@pytest.fixture
def api(client_of: ClientOf, alice: User, source: DataSource, bob: User) -> APIClient:
    Membership.objects.filter(user=bob).update(attributes={"land": "Germany"})
    return client_of(alice)


@pytest.fixture
def path(source: DataSource) -> str:
    return f"/api/v1/data-sources/{source.pk}/policies"


def test_a_policy_is_added_changed_and_removed_and_each_is_audited(api: APIClient, path: str) -> None:
    created = api.post(path, {"role": "viewer", **GERMANS}, format="json")
    assert created.status_code == 201
    one = f"{path}/{created.json()['id']}"
    assert api.get(path).json()["results"] == [created.json()]
    changed = api.patch(one, {"rules": []}, format="json").json()
    assert (changed["rules"], changed["tables"]) == ([], {"except": ["employees"]})
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404
    events = AuditEvent.objects.filter(action__startswith="policy.").order_by("number")
    assert [event.action for event in events] == ["policy.changed", "policy.changed", "policy.deleted"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "nobody"}, "role"),
        ({"member": "bob@acme.example"}, "role"),
        ({"tables": {"only": ["nope"]}}, "tables.only"),
        ({"tables": ["orders"]}, "tables"),
        ({"rules": {}}, "rules"),
        ({"rules": [{"table": "nope"}]}, "rules.0.table"),
        ({"rules": [{"table": "orders"}, {"table": "orders"}]}, "rules.1.table"),
        ({"rules": [{"table": "orders", "colums": {}}]}, "rules.0.colums"),
        ({"rules": [{"table": "orders", "columns": {"only": ["nope"]}}]}, "rules.0.columns.only"),
        ({"rules": [{"table": "orders", "masks": {"nope": {"kind": "null"}}}]}, "rules.0.masks.nope"),
        ({"rules": [{"table": "orders", "masks": {"id": {"kind": "rot13"}}}]}, "rules.0.masks.id.kind"),
        ({"rules": [{"table": "orders", "masks": {"id": {"kind": "hash"}}}]}, "rules.0.masks.id.kind"),
        ({"rules": [{"table": "orders", "masks": {"id": {"kind": "fixed", "text": "\\"}}}]}, "rules.0.masks.id.text"),
        ({"rules": [{"table": "orders", "filter": "status ="}]}, "rules.0.filter"),
        ({"rules": [{"table": "orders", "filter": "nope = 1"}]}, "rules.0.filter"),
        ({"rules": [{"table": "orders", "filter": "channel = :lnad"}]}, "rules.0.filter"),
        ({"rules": [{"table": "orders", "filter": "load_extension('x')"}]}, "rules.0.filter"),
        ({"rules": [{"table": "orders", "filter": "count(*) > 1"}]}, "rules.0.filter"),
        ({"rules": [{"table": "orders", "filter": "1=1) UNION SELECT 1 FROM customers WHERE (1=1"}]}, "rules.0.filter"),
        ({"rules": [{"table": "orders", "filter": "id IN (SELECT id FROM orders)"}]}, "rules.0.filter"),
        (
            {
                "tables": {"except": ["employees"]},
                "rules": [{"table": "orders", "filter": "employee_id IN (SELECT id FROM employees)"}],
            },
            "rules.0.filter",
        ),
    ],
)
def test_a_bad_policy_is_refused_by_the_field_at_fault(
    api: APIClient, path: str, change: dict[str, Any], field: str
) -> None:
    response = api.post(path, {"role": "viewer", **change}, format="json")
    assert response.status_code == 400
    assert field in response.json()["error"]["details"]
    assert not AccessPolicy.objects.exists()


def test_a_role_and_a_member_have_one_policy_a_source(api: APIClient, path: str) -> None:
    for whom in ({"role": "viewer"}, {"member": "bob@acme.example"}):
        assert api.post(path, whom, format="json").status_code == 201
        again = api.post(path, whom, format="json")
        assert again.status_code == 400
        assert set(whom) == set(again.json()["error"]["details"])


def test_only_administrators_handle_policies(
    api: APIClient, path: str, client_of: ClientOf, bob: User, charlie: User, globex: Organization
) -> None:
    one = f"{path}/{api.post(path, {'role': 'viewer'}, format='json').json()['id']}"
    for user, status in ((bob, 403), (charlie, 404)):
        other = client_of(user)
        answers = [
            other.get(path), other.get(one), other.post(path, {"role": "owner"}, format="json"),
            other.patch(one, {"rules": []}, format="json"), other.delete(one),
            other.get(f"{path}/explain?member=bob@acme.example"),
        ]  # fmt: skip
        assert {answer.status_code for answer in answers} == {status}


def test_hidden_things_are_not_in_the_schema(
    api: APIClient, path: str, client_of: ClientOf, bob: User, source: DataSource
) -> None:
    api.post(path, {"role": "viewer", **GERMANS}, format="json")
    schema = client_of(bob).get(f"/api/v1/data-sources/{source.pk}/schema")
    tables = {table["name"]: table for table in schema.json()["tables"]}
    assert "employees" not in schema.content.decode()
    assert [column["name"] for column in tables["customers"]["columns"]] == ["id", "name", "email", "country"]
    assert not any(column["samples"] for column in tables["customers"]["columns"])
    assert tables["customers"]["row_count"] is None
    assert any(column["samples"] for column in tables["orders"]["columns"])
    whole = api.get(f"/api/v1/data-sources/{source.pk}/schema").json()
    assert len(whole["tables"]) == len(tables) + 1


def explained(api: APIClient, path: str, member: str = "bob@acme.example") -> dict[str, Any]:
    response = api.get(f"{path}/explain", {"member": member})
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return {**body, "tables": {table["name"]: table for table in body["tables"]}}


def test_explain_says_what_is_seen_and_why(api: APIClient, path: str) -> None:
    api.post(path, {"role": "analyst", **GERMANS}, format="json")
    said = explained(api, path)
    assert said["policy"]["why"] == "It is the policy of the role analyst, which viewer inherits."
    employees, customers = said["tables"]["employees"], said["tables"]["customers"]
    assert (employees["visible"], employees["why"]) == (False, "tables.except names it.")
    assert {column["state"] for column in employees["columns"]} == {"hidden"}
    states = {column["name"]: column["state"] for column in customers["columns"]}
    assert (states["id"], states["email"], states["credit_limit"]) == ("visible", "masked", "hidden")
    assert customers["rows"]["filter"] == "country = :land"
    assert customers["rows"]["values"] == {"land": "Germany"}
    assert said["tables"]["orders"]["rows"]["why"] == "Every row is visible."


def test_a_missing_attribute_shows_no_row_and_explain_says_so(api: APIClient, path: str, bob: User) -> None:
    api.post(path, {"role": "viewer", **GERMANS}, format="json")
    Membership.objects.filter(user=bob).update(attributes={})
    rows = explained(api, path)["tables"]["customers"]["rows"]
    assert rows["visible"] is False
    assert "no attribute 'land'" in rows["why"]


def test_ones_own_policy_comes_before_the_roles(api: APIClient, path: str) -> None:
    api.post(path, {"role": "viewer", **GERMANS}, format="json")
    assert explained(api, path)["tables"]["employees"]["visible"] is False
    api.post(path, {"member": "bob@acme.example"}, format="json")
    said = explained(api, path)
    assert said["policy"]["why"] == "It is this member's own."
    assert said["tables"]["employees"]["visible"] is True


def test_a_role_above_is_not_bound_by_the_one_below(api: APIClient, path: str) -> None:
    api.post(path, {"role": "viewer", **GERMANS}, format="json")
    said = explained(api, path, "alice@acme.example")
    assert said["policy"] is None
    assert all(table["visible"] for table in said["tables"].values())


def test_a_new_column_is_hidden_until_an_allow_list_names_it(
    api: APIClient, path: str, source: DataSource, tmp_path: Any, settings: Any
) -> None:
    import sqlite3

    file = tmp_path / "growing.sqlite"
    settings.SOURCE_FOLDERS = [*settings.SOURCE_FOLDERS, f"*={tmp_path}"]
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE t (a text, b text)")
    source.database = str(file)
    source.save()
    sync_data_source(source)
    rules = [{"table": "t", "columns": {"only": ["a"]}}]
    api.post(path, {"role": "viewer", "rules": rules}, format="json")
    with sqlite3.connect(file) as connection:
        connection.execute("ALTER TABLE t ADD COLUMN c text")
    connection.close()
    sync_data_source(source)
    columns = {column["name"]: column for column in explained(api, path)["tables"]["t"]["columns"]}
    assert columns["c"]["state"] == "hidden"
    assert columns["c"]["why"] == "rules.0.columns.only does not name it: hidden until it does."


def test_explain_names_what_a_policy_speaks_of_in_vain(api: APIClient, path: str, source: DataSource) -> None:
    created = api.post(path, {"role": "viewer", **GERMANS}, format="json").json()
    AccessPolicy.objects.filter(pk=created["id"]).update(tables={"except": ["gone"]})
    assert explained(api, path)["stale"] == ["gone"]


@pytest.mark.parametrize("member", ["", "nobody@acme.example", "charlie@globex.example"])
def test_explain_of_a_stranger_names_the_field(api: APIClient, path: str, member: str, globex: Organization) -> None:
    response = api.get(f"{path}/explain", {"member": member})
    assert response.status_code == 400
    assert "member" in response.json()["error"]["details"]


def test_a_value_cannot_be_taken_from_another_organization(
    api: APIClient, path: str, globex: Organization, charlie: User
) -> None:
    Membership.objects.filter(user=charlie).update(attributes={"secret_of_globex": "x"})
    rules = [{"table": "orders", "filter": "channel = :secret_of_globex"}]
    response = api.post(path, {"role": "viewer", "rules": rules}, format="json")
    assert response.status_code == 400
    assert "secret_of_globex" not in response.json()["error"]["message"].split("there are:")[1]


def test_a_role_that_rises_sees_more_at_once(
    api: APIClient, path: str, client_of: ClientOf, acme: Organization, bob: User, source: DataSource
) -> None:
    api.post(path, {"role": "viewer", **GERMANS}, format="json")
    schema = f"/api/v1/data-sources/{source.pk}/schema"
    before = client_of(bob).get(schema).json()["tables"]
    add_member(organization=acme, user=bob, role=Role.ADMIN)
    assert len(client_of(bob).get(schema).json()["tables"]) == len(before) + 1
