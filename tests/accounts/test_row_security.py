"""Row-level security: what a forgotten filter shows, and who could get round it."""

from unittest.mock import patch

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import ConnectionHandler, ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from apps.accounts.models import ApiKey, Membership, Organization, User
from apps.accounts.postgresql.base import RUNNING_ROLE
from apps.accounts.protection import POLICY, append_only_tables, check_protection, is_tenant_model, protected_tables
from apps.accounts.row_security import across_organizations, no_scope, organization_scope
from apps.accounts.services import create_api_key
from config.embedded import admin_url


def test_forgetting_a_filter_shows_ones_own_rows_only(acme: Organization, globex: Organization):
    with organization_scope(globex.pk):
        assert {member.organization.slug for member in Membership.objects.all()} == {"globex"}


def test_where_no_organization_was_entered_there_are_no_rows(acme: Organization, globex: Organization):
    with no_scope():
        assert list(Membership.objects.all()) == []


def test_a_row_of_another_organization_cannot_be_written(acme: Organization, globex: Organization, alice: User):
    with (
        organization_scope(globex.pk),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        ApiKey.objects.create(organization=acme, user=alice, name="n", prefix="p", key_hash="h")


def test_a_row_of_another_organization_can_be_neither_changed_nor_deleted(acme: Organization, globex: Organization):
    with organization_scope(globex.pk):
        assert Membership.objects.filter(organization=acme).update(is_active=False) == 0
        assert Membership.objects.filter(organization=acme).delete()[0] == 0
    assert Membership.objects.filter(organization=acme, is_active=True).count() == 2


def test_a_rolled_back_transaction_does_not_leave_its_scope_behind(acme: Organization, globex: Organization):
    with organization_scope(globex.pk):
        try:
            with transaction.atomic(), organization_scope(acme.pk):
                assert Membership.objects.count() == 2
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        assert Membership.objects.count() == 1


def test_a_failed_savepoint_is_rolled_back_also_where_the_scope_changed_meanwhile(acme: Organization):
    with organization_scope(acme.pk):
        with pytest.raises(ProgrammingError), transaction.atomic(), across_organizations("a test"):
            Membership.objects.extra(where=["no_such_column"]).count()
        assert Membership.objects.count() == 2


def test_a_fresh_connection_hears_the_scope_anew(db: None, acme: Organization, globex: Organization):
    with organization_scope(globex.pk):
        assert Membership.objects.count() == 1
        connection._told = None  # what a reconnect does; the test's transaction would not outlive a real one
        assert Membership.objects.count() == 1


def test_reading_across_is_explicit_and_ends_with_its_block(acme: Organization, globex: Organization):
    with organization_scope(globex.pk):
        with across_organizations("a test of it"):
            assert Membership.objects.count() == 3
        assert Membership.objects.count() == 1


def test_every_tenant_table_forces_row_security_and_its_owner_is_not_who_runs(db: None):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relrowsecurity AND relforcerowsecurity, pg_get_userbyid(relowner) = current_user,"
            " EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = %s)"
            " FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
            [POLICY],
        )
        found = {name: (forced, owned, has_policy) for name, forced, owned, has_policy in cursor.fetchall()}
    assert len(protected_tables()) > 15
    for table in protected_tables():
        assert found[table] == (True, False, True), table


def test_the_running_role_can_pass_by_no_policy(db: None):
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)


def test_every_table_of_ours_with_an_organization_is_protected():
    for model in apps.get_models():
        if model.__module__.startswith("apps.") and any(one.name == "organization" for one in model._meta.fields):
            assert is_tenant_model(model), model


def test_a_key_made_in_one_organization_is_unseen_in_the_other(acme: Organization, globex: Organization, alice: User):
    create_api_key(membership=Membership.objects.get(organization=acme, user=alice), name="key")
    with organization_scope(globex.pk):
        assert not ApiKey.objects.exists()


@pytest.mark.parametrize("statement", ["UPDATE {} SET outcome = 'done'", "DELETE FROM {}"])
def test_the_running_role_cannot_change_an_append_only_table(db: None, statement: str):
    assert append_only_tables() == ["accounts_auditevent"]
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("accounts_auditevent"))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_superuser_that_was_given_to_run_the_platform_steps_down(acme: Organization, globex: Organization):
    superuser = conninfo_to_dict(admin_url())
    own = settings.DATABASES["default"]
    given = {
        **own, "NAME": connection.settings_dict["NAME"], "USER": superuser["user"], "HOST": superuser["host"],
        "OPTIONS": {},  # not out of the pool of the platform's own role
    }  # fmt: skip
    handler = ConnectionHandler({"default": given, "owner": given})
    with handler["owner"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (superuser["user"],)
        cursor.execute(f"CREATE ROLE {RUNNING_ROLE} NOLOGIN")
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {RUNNING_ROLE}")
    try:
        with no_scope(), handler["default"].cursor() as cursor:
            cursor.execute("SELECT current_user, count(*) FROM accounts_membership")
            assert cursor.fetchone() == (RUNNING_ROLE, 0)
        with organization_scope(globex.pk), handler["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_membership")
            assert cursor.fetchone() == (1,)
    finally:
        handler["default"].close()
        with handler["owner"].cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {RUNNING_ROLE}; DROP ROLE {RUNNING_ROLE}")
        handler["owner"].close()


def test_the_doctor_finds_a_table_that_lost_its_protection(db: None):
    assert check_protection() == "on for the role parley"
    bare = patch("apps.accounts.protection.protected_tables", return_value=["accounts_user"])
    with bare, pytest.raises(RuntimeError, match="no row-level security on accounts_user"):
        check_protection()
