"""The audit log: what it says, that it cannot be changed, and that a change would be found."""

import json
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.audit import record_audit, verify_chains
from apps.accounts.models import AuditEvent, Membership, Organization, User
from apps.accounts.principal import Principal
from apps.accounts.row_security import organization_scope
from apps.datasources.models import DataSource

SOUND = ()


def faults() -> dict[str, tuple[str, ...]]:
    return {chain.organization: chain.faults for chain in verify_chains()}


def write(organization: Organization, count: int) -> None:
    for number in range(count):
        record_audit("test.written", organization=organization, number=number)


def place_of(alias: str) -> dict[str, Any]:
    """How to connect past Django."""
    place = connections[alias].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {ours: place[theirs] for ours, theirs in names.items()}


def as_owner(statement: str) -> None:
    """Change the log as only the owner of its table could, past every right of the platform."""
    with psycopg.connect(**place_of("owner")) as owner:
        owner.execute("SELECT set_config('parley.across', 'on', false)")
        owner.execute(statement)


def test_each_organization_has_a_chain_of_its_own(acme: Organization, globex: Organization):
    write(acme, 3)
    write(globex, 2)
    record_audit("sign_in.failed", outcome="failed")
    numbers = AuditEvent.objects.filter(organization__in=[acme, globex]).order_by("organization__slug", "number")
    assert list(numbers.values_list("organization__slug", "number")) == [
        ("acme", 1), ("acme", 2), ("acme", 3), ("globex", 1), ("globex", 2),
    ]  # fmt: skip
    assert faults() == {"acme": SOUND, "globex": SOUND, "the-installation": SOUND}


def test_an_event_says_who_did_what_to_what(as_alice: Principal, bob: User):
    event = record_audit("member.removed", principal=as_alice, target=bob, reason="left")
    record = json.loads(event.record)
    assert (record["actor"], record["target"], record["details"]) == (
        str(as_alice.user.pk), ["user", str(bob.pk)], {"reason": "left"},
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE accounts_auditevent SET record = replace(record, 'test', 'rest') WHERE number = 2", "was changed"),
        ("UPDATE accounts_auditevent SET action = 'nothing' WHERE number = 2", "columns do not say"),
        ("UPDATE accounts_auditevent SET outcome = 'failed' WHERE number = 2", "columns do not say"),
        ("DELETE FROM accounts_auditevent WHERE number = 2", "event 2 is missing"),
        (
            "UPDATE accounts_auditevent SET record = '{}', digest = encode(sha256('{}'), 'hex') WHERE number = 1",
            "does not follow",
        ),
    ],
)
def test_what_an_owner_changes_is_found(acme: Organization, statement: str, fault: str):
    write(acme, 3)
    assert faults() == {"acme": SOUND}
    as_owner(statement)
    assert any(fault in one for one in faults()["acme"]), faults()


@pytest.mark.django_db(transaction=True)
def test_the_running_role_cannot_show_the_chain_another_past(acme: Organization):
    """A temporary table comes before all others, unless the function says where it looks."""
    write(acme, 2)
    with psycopg.connect(**place_of("default")) as running:
        running.execute("SELECT set_config('parley.across', 'on', false)")
        running.execute("CREATE TEMPORARY TABLE accounts_auditevent (organization_id uuid, number bigint, digest text)")
        running.execute("INSERT INTO pg_temp.accounts_auditevent VALUES (%s, 40, 'forged')", [acme.pk])
        running.execute(
            "INSERT INTO public.accounts_auditevent (id, organization_id, number, created_at, action, outcome,"
            " target_type, target_id, correlation_id, record, previous_digest, digest)"
            " VALUES (gen_random_uuid(), %s, 0, now(), 'a', 'done', '', '', '', '{}', '', '')",
            [acme.pk],
        )
    assert AuditEvent.objects.latest("number").number == 3


@pytest.mark.django_db(transaction=True)
def test_a_log_cut_short_is_found_by_a_head_noted_before(acme: Organization):
    write(acme, 3)
    [chain] = verify_chains()
    as_owner("DELETE FROM accounts_auditevent WHERE number = 3")
    assert faults() == {"acme": SOUND}
    [cut] = verify_chains({"acme": f"{chain.length}:{chain.head}"})
    assert cut.faults == ("the event that it once ended with is gone",)


@pytest.mark.django_db(transaction=True)
def test_events_written_at_once_form_one_chain(acme: Organization):
    def work() -> None:
        with organization_scope(acme.pk):
            write(acme, 10)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AuditEvent.objects.filter(organization=acme).count() == 80
    assert faults() == {"acme": SOUND}


def test_the_command_prints_each_chain_and_fails_where_one_is_broken(
    acme: Organization, capsys: pytest.CaptureFixture[str]
):
    write(acme, 1)
    call_command("verify_audit")
    assert capsys.readouterr().out.startswith("acme=1:")
    with pytest.raises(SystemExit):
        call_command("verify_audit", head=["acme=7:none"])


def test_what_staff_look_at_in_the_admin_site_is_audited(client: Client, acme: Organization, alice: User):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client.force_login(alice)
    member = Membership.objects.get(user=alice)
    assert client.get(f"/admin/accounts/membership/{member.pk}/change/").status_code == 200
    seen = json.loads(AuditEvent.objects.get(action="admin.read").record)
    assert seen["details"] == {"page": "accounts_membership_change", "row": str(member.pk)}
    assert seen["address"] == "127.0.0.1"


def test_who_is_no_staff_sees_no_rows_on_the_admin_sites_addresses(client: Client, acme: Organization, alice: User):
    client.force_login(alice)
    assert client.get("/admin/accounts/membership/").status_code == 302
    assert not AuditEvent.objects.exists()


def test_administrators_read_the_log_and_others_do_not(
    client_of: Callable[[User], APIClient], acme: Organization, globex: Organization, alice: User, bob: User
):
    write(acme, 2)
    write(globex, 1)
    body: Any = client_of(alice).get("/api/v1/audit", {"action": "test.written"}).json()
    assert [event["number"] for event in body["results"]] == [2, 1]
    assert client_of(bob).get("/api/v1/audit").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_query_and_its_export_are_audited_with_the_sql_that_ran(
    client_of: Callable[[User], APIClient], acme: Organization, source: DataSource, alice: User
):
    api = client_of(alice)
    asked = {"question": "How many customers are there?", "data_source": "sample"}
    query: Any = api.post("/api/v1/queries", asked, format="json", headers={"Prefer": "wait=30"}).json()
    assert api.get(f"/api/v1/queries/{query['id']}/result.csv").status_code == 200
    answered, exported = (
        json.loads(AuditEvent.objects.get(action=action).record) for action in ("query.answered", "result.exported")
    )
    assert answered["details"]["sql"] == exported["details"]["sql"] == query["sql"]
    assert (answered["outcome"], answered["actor"], answered["details"]["rows"]) == ("done", str(alice.pk), 1)


@pytest.mark.django_db(transaction=True)
def test_what_the_guard_refuses_is_audited_as_refused(
    client_of: Callable[[User], APIClient], acme: Organization, source: DataSource, alice: User
):
    asked = {"question": "Delete all customers", "data_source": "sample"}
    client_of(alice).post("/api/v1/queries", asked, format="json", headers={"Prefer": "wait=30"})
    refused = AuditEvent.objects.get(action="query.refused")
    assert (refused.outcome, refused.actor) == ("refused", alice)
