"""Data sources over REST."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Organization, User
from apps.datasources.credentials import decrypt
from apps.datasources.models import DataSource
from apps.datasources.services import create_data_source
from apps.datasources.sessions import sessions

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
POSTGRES = {"name": "crm", "kind": "postgres", "host": "127.0.0.1", "port": 1, "database": "crm", "username": "reader"}


@pytest.fixture
def api(client_of: ClientOf, alice: User, acme: Organization) -> APIClient:
    return client_of(alice)


def test_a_source_is_added_tested_read_and_shown(api: APIClient, sample_file: Path) -> None:
    body = {"name": "shop", "kind": "sqlite", "database": str(sample_file)}
    created = api.post("/api/v1/data-sources", body, format="json")
    assert created.status_code == 201
    path = f"/api/v1/data-sources/{created.json()['id']}"
    assert api.post(f"{path}/test").json()["ok"] is True
    assert api.post(f"{path}/sync").json()["synced_at"]
    schema = api.get(f"{path}/schema").json()
    orders = next(table for table in schema["tables"] if table["name"] == "orders")
    assert {"columns": ["customer_id"], "table": "customers", "target_columns": ["id"]} in orders["foreign_keys"]
    assert any(column["samples"] for column in orders["columns"])


def test_a_password_is_encrypted_and_never_comes_back(api: APIClient) -> None:
    created = api.post("/api/v1/data-sources", {**POSTGRES, "password": "s3cret-pass"}, format="json")
    assert "s3cret-pass" not in created.content.decode()
    assert created.json()["has_password"] is True
    stored = DataSource.objects.get()
    assert "s3cret-pass" not in stored.credentials
    assert decrypt(stored) == "s3cret-pass"


def test_a_source_that_does_not_answer_says_so_without_its_address(api: APIClient) -> None:
    created = api.post("/api/v1/data-sources", {**POSTGRES, "password": "s3cret-pass"}, format="json").json()
    answer = api.post(f"/api/v1/data-sources/{created['id']}/test")
    assert answer.json()["ok"] is False
    assert not any(secret in answer.content.decode() for secret in ("s3cret", "127.0.0.1", "reader"))
    synced = api.post(f"/api/v1/data-sources/{created['id']}/sync")
    assert synced.status_code == 503
    assert synced.json()["error"]["code"] == "source_unavailable"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Not A Slug"}, "name"),
        ({"kind": "oracle"}, "kind"),
        ({"port": 0}, "port"),
        ({"host": ""}, "host"),
        ({"host": "/run/parley"}, "host"),
        ({"host": "@parley"}, "host"),
        ({"host": "db.example,/run/parley"}, "host"),
        ({"host": "var/run"}, "host"),
        ({"kind": "snowflake", "host": "169.254.169.254/latest?"}, "host"),
        ({"kind": "snowflake", "host": "evil.example:443#"}, "host"),
        ({"kind": "bigquery", "host": "a/b"}, "host"),
        ({"database": 5}, "database"),
        ({"name": 5}, "name"),
        ({"port": "5432"}, "port"),
        ({"port": True}, "port"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_input_names_the_field(api: APIClient, change: dict[str, Any], field: str) -> None:
    response = api.post("/api/v1/data-sources", {**POSTGRES, **change}, format="json")
    assert response.status_code == 400
    assert field in response.json()["error"]["details"]


def test_a_name_is_taken_once_in_an_organization(api: APIClient) -> None:
    assert api.post("/api/v1/data-sources", POSTGRES, format="json").status_code == 201
    assert "name" in api.post("/api/v1/data-sources", POSTGRES, format="json").json()["error"]["details"]


@pytest.mark.parametrize("file", ["/etc/passwd", "../../etc/passwd", "/tmp/other.sqlite"])
def test_a_file_outside_the_allowed_folders_is_refused(api: APIClient, file: str) -> None:
    response = api.post("/api/v1/data-sources", {"name": "x", "kind": "sqlite", "database": file}, format="json")
    assert response.status_code == 400
    assert "database" in response.json()["error"]["details"]


def test_changing_one_field_keeps_the_rest_and_the_password(api: APIClient) -> None:
    created = api.post("/api/v1/data-sources", {**POSTGRES, "password": "s3cret-pass"}, format="json").json()
    changed = api.patch(f"/api/v1/data-sources/{created['id']}", {"label": "Customers"}, format="json").json()
    assert (changed["label"], changed["host"], changed["has_password"]) == ("Customers", "127.0.0.1", True)


def test_bob_may_look_and_not_touch(api: APIClient, client_of: ClientOf, bob: User, source: DataSource) -> None:
    bobs = client_of(bob)
    path = f"/api/v1/data-sources/{source.pk}"
    assert bobs.get(path).status_code == 200
    assert bobs.post("/api/v1/data-sources", POSTGRES, format="json").status_code == 403
    assert [bobs.post(f"{path}/sync").status_code, bobs.delete(path).status_code] == [403, 403]


def test_charlie_sees_nothing_of_acmes(
    client_of: ClientOf, charlie: User, globex: Organization, source: DataSource
) -> None:
    charlies = client_of(charlie)
    path = f"/api/v1/data-sources/{source.pk}"
    assert charlies.get("/api/v1/data-sources").json()["results"] == []
    codes = [charlies.get(path), charlies.get(f"{path}/schema"), charlies.post(f"{path}/sync"), charlies.delete(path)]
    assert [answer.status_code for answer in codes] == [404, 404, 404, 404]


def test_a_source_on_a_socket_cannot_be_turned_into_a_superusers(api: APIClient, acme: Organization) -> None:
    place = {**POSTGRES, "host": "/run/parley"}
    source = create_data_source(organization=acme, is_of_installation=True, **place)
    for change in ({"username": "postgres"}, {"password": "other"}, {"database": "parley"}):
        response = api.patch(f"/api/v1/data-sources/{source.pk}", change, format="json")
        assert response.status_code == 400
    assert api.patch(f"/api/v1/data-sources/{source.pk}", {"label": "Sample"}, format="json").status_code == 200


@pytest.mark.parametrize("change", [{"host": "evil.example"}, {"port": 2}, {"kind": "sqlite", "database": "x"}])
def test_a_stored_password_goes_to_no_other_server(api: APIClient, change: dict[str, Any]) -> None:
    created = api.post("/api/v1/data-sources", {**POSTGRES, "password": "s3cret-pass"}, format="json").json()
    path = f"/api/v1/data-sources/{created['id']}"
    response = api.patch(path, change, format="json")
    assert response.status_code == 400
    assert "password" in response.json()["error"]["details"]
    assert api.get(path).json()["host"] == "127.0.0.1"


def test_a_source_moves_with_its_password_given_anew(api: APIClient) -> None:
    created = api.post("/api/v1/data-sources", {**POSTGRES, "password": "s3cret-pass"}, format="json").json()
    path = f"/api/v1/data-sources/{created['id']}"
    assert api.patch(path, {"host": "db.example", "password": "s3cret-pass"}, format="json").status_code == 200
    assert api.patch(path, {"host": "db.example", "label": "The same place"}, format="json").status_code == 200


def test_a_source_cannot_take_anothers_name(api: APIClient) -> None:
    api.post("/api/v1/data-sources", POSTGRES, format="json")
    other = api.post("/api/v1/data-sources", {**POSTGRES, "name": "erp"}, format="json").json()
    response = api.patch(f"/api/v1/data-sources/{other['id']}", {"name": "crm"}, format="json")
    assert response.status_code == 400
    assert "name" in response.json()["error"]["details"]


def test_a_source_that_is_removed_leaves_no_process_behind(api: APIClient, source: DataSource) -> None:
    assert api.post(f"/api/v1/data-sources/{source.pk}/test").json()["ok"] is True
    assert str(source.pk) in sessions._sessions
    assert api.delete(f"/api/v1/data-sources/{source.pk}").status_code == 204
    assert str(source.pk) not in sessions._sessions


def test_looking_at_sources_is_limited(api: APIClient, source: DataSource, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.PARLEY = settings.PARLEY.model_copy(update={"source_rate_per_minute": 2})
    path = f"/api/v1/data-sources/{source.pk}/test"
    assert [api.post(path).status_code for _ in range(3)] == [200, 200, 429]


def test_a_function_is_allowed_by_an_administrator_and_written_down(api: APIClient, source: DataSource) -> None:
    path = f"/api/v1/data-sources/{source.pk}"
    changed = api.patch(path, {"allowed_functions": ["Net_Price"]}, format="json")
    assert changed.json()["allowed_functions"] == ["net_price"]
    event = AuditEvent.objects.filter(action="data_source.functions_changed").get()
    assert json.loads(event.record)["details"]["added"] == ["net_price"]
    refused = api.patch(path, {"allowed_functions": ["load_extension"]}, format="json")
    assert refused.status_code == 400
    assert "allowed_functions" in refused.json()["error"]["details"]
    assert api.get(path).json()["allowed_functions"] == ["net_price"]
