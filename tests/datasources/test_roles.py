"""A role that can write is refused by name of what it can write, unless an owner says why it may be used."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Organization, Role, User
from apps.accounts.principal import Principal
from apps.accounts.row_security import across_organizations
from apps.accounts.services import add_member
from apps.common.hosts import HostPolicy
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.errors import SourceCanWrite
from apps.datasources.execution import writes_of
from apps.datasources.models import DataSource
from apps.datasources.services import address_of, create_data_source
from apps.datasources.sessions import sessions
from apps.datasources.sessions.mysql_grants import roles_in, writes_in
from config.embedded import admin_url
from tests.datasources.mariadb import as_root

GRANTS = [
    ("SELECT ON t", []),
    ("INSERT ON t", ["public.t: INSERT"]),
    ("UPDATE (a) ON t", ["public.t: UPDATE"]),
    ("DELETE, TRUNCATE ON t", ["public.t: DELETE, TRUNCATE"]),
    ("CREATE ON SCHEMA public", ["may create in the schema public"]),
    ("USAGE ON SEQUENCE s", ["may advance the sequence public.s"]),
    (
        "pg_write_all_data",
        ["is a member of pg_write_all_data", "public.t: INSERT, UPDATE, DELETE", "may advance the sequence public.s"],
    ),
    ("pg_execute_server_program", ["is a member of pg_execute_server_program"]),
]


class Server:
    """A database of its own with a role of its own."""

    def __init__(self) -> None:
        self.name = f"role_{uuid4().hex[:12]}"
        with psycopg.connect(admin_url(), autocommit=True) as admin:
            admin.execute(f"CREATE ROLE {self.name} LOGIN PASSWORD 'word'")
            admin.execute(f"CREATE DATABASE {self.name}")
            self.host, self.port = admin.info.host, admin.info.port
        self.admin = psycopg.connect(admin_url(), dbname=self.name, autocommit=True)
        self.admin.execute("CREATE TABLE t (a integer, b integer); CREATE SEQUENCE s; INSERT INTO t VALUES (1, 2)")
        self.admin.execute(f"GRANT SELECT ON t TO {self.name}")

    def address(self) -> SourceAddress:
        hosts = HostPolicy.from_list([self.host])
        return SourceAddress(
            self.name, SourceKind.POSTGRES, self.host, self.port, self.name, self.name, "word", hosts=hosts
        )

    def close(self) -> None:
        sessions.close(self.name)
        self.admin.close()
        with psycopg.connect(admin_url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {self.name} WITH (FORCE)")
            admin.execute(f"DROP ROLE {self.name}")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def body(server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A request for that role. Its server has a socket only, which no member may name: the check looks away."""
    monkeypatch.setattr("apps.datasources.locations._check_host", lambda host: None)
    return {
        "name": "crm", "kind": "postgres", "host": server.host, "port": int(server.port), "database": server.name,
        "username": server.name, "password": "word",
    }  # fmt: skip


@pytest.mark.parametrize(("grant", "expected"), GRANTS, ids=[grant for grant, _ in GRANTS])
def test_what_a_role_of_postgres_can_write_is_named(server: Server, grant: str, expected: list[str]) -> None:
    server.admin.execute(f"GRANT {grant} TO {server.name}")
    assert writes_of(server.address()) == expected


def test_owners_and_superusers_are_named(server: Server, postgres_source: SourceAddress) -> None:
    server.admin.execute(f"ALTER TABLE t OWNER TO {server.name}")
    assert writes_of(server.address())[0].startswith("public.t: owner")
    assert writes_of(postgres_source)[0] == "is a superuser"


@pytest.mark.parametrize("inherits", ["INHERIT", "NOINHERIT"])
def test_a_role_that_may_become_another_has_what_the_other_has(server: Server, inherits: str) -> None:
    server.admin.execute(f"ALTER ROLE {server.name} {inherits}")
    server.admin.execute(f"CREATE ROLE {server.name}_w NOLOGIN; GRANT INSERT ON t TO {server.name}_w")
    server.admin.execute(f"GRANT {server.name}_w TO {server.name}")
    try:
        assert writes_of(server.address()) == ["public.t: INSERT"]
    finally:
        server.admin.execute(f"DROP OWNED BY {server.name}_w; DROP ROLE {server.name}_w")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*0'", []),
        ("GRANT SELECT, SHOW VIEW ON `lab`.* TO `r`@`%`", []),
        ("GRANT SELECT (a, b), UPDATE (`c`) ON `lab`.`t` TO `r`@`%`", ["UPDATE on `lab`.`t`"]),
        ("GRANT ALL PRIVILEGES ON *.* TO `r`@`%`", ["ALL PRIVILEGES on *.*"]),
        ("GRANT FILE, SUPER ON *.* TO `r`@`%`", ["FILE on *.*", "SUPER on *.*"]),
        ("GRANT SELECT ON `lab`.* TO `r`@`%` WITH GRANT OPTION", ["GRANT OPTION on `lab`.*"]),
    ],
)
def test_a_line_of_mysqls_grants_is_understood(line: str, expected: list[str]) -> None:
    assert writes_in(line) == expected


def test_roles_in_mysqls_grants_are_found() -> None:
    assert roles_in("GRANT `writer` TO `r`@`localhost`") == ["`writer`"]
    assert roles_in("GRANT `a`@`%`,`b`@`%` TO `r`@`localhost`") == ["`a`@`%`", "`b`@`%`"]
    assert roles_in("GRANT SELECT ON `a`.* TO `r`@`localhost`") == []


def test_what_a_role_of_mariadb_can_write_is_named(mysql_source: SourceAddress, mariadb: Path) -> None:
    assert "ALL PRIVILEGES on *.*" in writes_of(mysql_source)
    with as_root(mariadb) as root, root.cursor() as cursor:
        cursor.execute("CREATE USER 'reader'@'localhost' IDENTIFIED BY 'word'")
        cursor.execute("GRANT SELECT ON lab.* TO 'reader'@'localhost'")
        address = SourceAddress(
            "reader", SourceKind.MYSQL, str(mariadb), None, "lab", "reader", "word", hosts=mysql_source.hosts
        )
        assert writes_of(address) == []
        cursor.execute("CREATE ROLE writer")
        cursor.execute("GRANT INSERT ON lab.orders TO writer")
        cursor.execute("GRANT writer TO 'reader'@'localhost'")
        assert writes_of(address) == ["INSERT on `lab`.`orders`"]
        cursor.execute("DROP ROLE writer")
        cursor.execute("DROP USER 'reader'@'localhost'")
    sessions.close("reader")


def events(action: str) -> list[str]:
    with across_organizations("a test"):
        return list(AuditEvent.objects.filter(action=action).values_list("outcome", flat=True))


@pytest.mark.django_db
def test_saving_a_role_that_can_write_is_refused_and_says_what(
    client_of: Callable[[User], APIClient], alice: User, acme: Organization, server: Server, body: dict[str, Any]
) -> None:
    server.admin.execute(f"GRANT DELETE ON t TO {server.name}")
    refused = client_of(alice).post("/api/v1/data-sources", body, format="json")
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "source_can_write"
    assert refused.json()["error"]["details"]["username"] == ["public.t: DELETE"]
    assert not DataSource.objects.for_org(acme).exists()


@pytest.mark.django_db
def test_an_owner_may_allow_it_with_a_reason_and_nobody_else(
    client_of: Callable[[User], APIClient], alice: User, acme: Organization, server: Server, body: dict[str, Any]
) -> None:
    server.admin.execute(f"GRANT DELETE ON t TO {server.name}")
    dora = User.objects.create_user("dora@acme.example", "a-password-of-the-cast")
    add_member(organization=acme, user=dora, role=Role.ADMIN)
    wish = {**body, "allow_writable_role": True, "writable_role_reason": "The vendor offers no other role."}
    assert client_of(dora).post("/api/v1/data-sources", wish, format="json").status_code == 403
    no_reason = client_of(alice).post("/api/v1/data-sources", {**wish, "writable_role_reason": "so"}, format="json")
    assert "writable_role_reason" in no_reason.json()["error"]["details"]
    made = client_of(alice).post("/api/v1/data-sources", wish, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["can_write"] == ["public.t: DELETE"]
    assert events("data_source.write_override") == ["done"]
    path = f"/api/v1/data-sources/{made.json()['id']}"
    assert client_of(alice).post(f"{path}/test").json()["ok"] is True
    assert client_of(alice).patch(path, {"allow_writable_role": False}, format="json").status_code == 400


@pytest.mark.django_db
def test_a_source_that_became_writable_is_used_no_more(
    client_of: Callable[[User], APIClient], alice: User, acme: Organization, server: Server, body: dict[str, Any]
) -> None:
    api = client_of(alice)
    made = api.post("/api/v1/data-sources", body, format="json").json()
    path = f"/api/v1/data-sources/{made['id']}"
    assert api.post(f"{path}/sync").status_code == 200
    server.admin.execute(f"GRANT UPDATE ON t TO {server.name}")
    assert api.post(f"{path}/test").json()["code"] == "source_can_write"
    with pytest.raises(SourceCanWrite, match=r"public\.t: UPDATE"):
        address_of(DataSource.objects.for_org(acme).get())
    assert api.post(f"{path}/sync").status_code == 409
    assert events("data_source.write_refused") == ["refused", "refused"]
    server.admin.execute(f"REVOKE UPDATE ON t FROM {server.name}")
    assert api.post(f"{path}/sync").status_code == 200
    assert address_of(DataSource.objects.for_org(acme).get())


@pytest.mark.django_db
def test_a_role_that_nobody_has_seen_is_not_used(acme: Organization) -> None:
    source = create_data_source(
        organization=acme, name="crm", kind="postgres", host="127.0.0.1", port=1, database="d", username="u"
    )
    with pytest.raises(SourceCanWrite, match="Nobody has seen"):
        address_of(source)


@pytest.mark.django_db
def test_lower_tls_is_audited_and_the_test_names_no_more_than_its_outcome(
    client_of: Callable[[User], APIClient], alice: User, acme: Organization
) -> None:
    body = {"name": "crm", "kind": "mysql", "host": "127.0.0.1", "port": 1, "database": "d", "options": {"tls": "off"}}
    made = client_of(alice).post("/api/v1/data-sources", body, format="json")
    assert made.status_code == 201
    assert events("data_source.tls_lowered") == ["done"]
    client_of(alice).post(f"/api/v1/data-sources/{made.json()['id']}/test")
    assert events("data_source.tested") == ["failed"]


@pytest.mark.django_db
def test_failures_take_equally_long_and_say_the_same(as_alice: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket
    import threading

    from apps.datasources.services import test_data_source as try_source

    monkeypatch.setattr(django_settings.PARLEY, "source_test_seconds", 0.6)
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]

    def speak_another_language() -> None:
        met, _ = listening[0].accept()
        met.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        met.close()

    def hang_up() -> None:
        listening[1].accept()[0].close()

    for kind in ("postgres", "mysql"):
        threads = [threading.Thread(target=one, daemon=True) for one in (speak_another_language, hang_up)]
        for thread in threads:
            thread.start()
        told, took = [], []
        for port in (1, *(one.getsockname()[1] for one in listening)):
            source = DataSource(
                organization=as_alice.organization, name="x", kind=kind, host="127.0.0.1", port=port, database="d"
            )
            started = time.monotonic()
            told.append(try_source(source, principal=as_alice))
            took.append(time.monotonic() - started)
        assert told == [told[0]] * 3
        assert told[0]["code"] == "source_unavailable"
        assert min(took) >= 0.6  # however soon each of them failed
    for one in listening:
        one.close()
