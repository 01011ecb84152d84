"""Row-level security and the running role's rights, brought up to the models after every migration.

They follow from the models, so a new tenant table cannot be forgotten. Only the tables' owner can do this: it runs
where `migrate` runs.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from apps.accounts.postgresql.base import RUNNING_ROLE
from apps.accounts.tenancy import OrganizationOwned

POLICY = "rows_of_the_organization"
# The settings are what `apps.accounts.postgresql` tells a connection; a setting never made reads as NULL or ''.
_PROTECT = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    "DROP POLICY IF EXISTS {policy} ON {table}",
    "CREATE POLICY {policy} ON {table} USING ("
    "organization_id = NULLIF(current_setting('parley.organization', true), '')::uuid"
    " OR current_setting('parley.across', true) = 'on')",
)
_GRANT = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
)
_APPEND_ONLY = ("REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}",)


def protected_tables() -> list[str]:
    """Every table whose rows belong to organizations."""
    return [model._meta.db_table for model in apps.get_models() if is_tenant_model(model)]


def is_tenant_model(model: Any) -> bool:
    """True if the model's rows belong to organizations."""
    return issubclass(model, OrganizationOwned) or bool(getattr(model, "rows_of_organizations", False))


def append_only_tables() -> list[str]:
    """Tables whose rows the running role may add and read, not change."""
    return [model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)]


def protect(using: str) -> None:
    """Bring row-level security and rights up to the models, as the owner of the tables."""
    with connections[using].cursor() as cursor:
        present = set(connections[using].introspection.table_names(cursor))
        for table in present.intersection(protected_tables()):
            if not _is_protected(cursor, table):
                _run(cursor, _PROTECT, table=table, policy=POLICY)
        running = _running_role(cursor)
        _run(cursor, _GRANT, role=running)
        for table in present.intersection(append_only_tables()):
            _run(cursor, _APPEND_ONLY, table=table, role=running)


def _run(cursor: CursorWrapper, statements: Iterable[str], **names: str) -> None:
    identifiers = {place: sql.Identifier(name) for place, name in names.items()}
    for statement in statements:
        cursor.execute(sql.SQL(statement).format(**identifiers))


def _is_protected(cursor: CursorWrapper, table: str) -> bool:
    cursor.execute(
        "SELECT relrowsecurity AND relforcerowsecurity AND EXISTS ("
        "SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = %s)"
        " FROM pg_class WHERE oid = to_regclass(quote_ident(%s))",
        [POLICY, table],
    )
    row = cursor.fetchone()
    return bool(row and row[0])


def _running_role(cursor: CursorWrapper) -> str:
    """The role that the platform runs as; made where it was given only a superuser, see `postgresql.base`."""
    cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
    migrating, is_superuser = cursor.fetchone()
    running = str(settings.DATABASES["default"]["USER"] or migrating)
    if running != migrating or not is_superuser:
        return running
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [RUNNING_ROLE])
    if cursor.fetchone() is None:
        _run(cursor, ("CREATE ROLE {role} NOLOGIN",), role=RUNNING_ROLE)
    return RUNNING_ROLE


def check_protection() -> str:
    """One sentence on how row-level security stands for the role that runs the platform.

    Raises: RuntimeError naming what is missing.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        role, passes_by = cursor.fetchone()
        if passes_by:
            raise RuntimeError(f"the role {role} passes by row-level security")
        if bare := [table for table in protected_tables() if not _is_protected(cursor, table)]:
            raise RuntimeError(f"no row-level security on {', '.join(sorted(bare))}")
        cursor.execute("SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user LIMIT 1")
        owns = cursor.fetchone() is not None
    advice = ", which owns the tables: set DATABASE_OWNER_URL to part the two" if owns else ""
    return f"on for the role {role}{advice}"
