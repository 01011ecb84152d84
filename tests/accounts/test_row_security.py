"""Row-level security: what a forgotten filter shows, and who could get round it."""

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from apps.accounts.models import ApiKey, Membership, Organization, User
from apps.accounts.protection import POLICY, append_only_tables, is_tenant_model, protected_tables
from apps.accounts.row_security import across_organizations, no_scope, organization_scope
from apps.accounts.services import create_api_key


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
