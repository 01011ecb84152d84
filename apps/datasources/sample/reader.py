"""The login role that reads the sample, and can do nothing else there.

What every role may do by default is taken from PUBLIC: temporary tables, new objects, large objects.
"""

import psycopg
from psycopg import sql

from apps.datasources.sample.loaded import NotTheSample

_LARGE_OBJECT_MAKERS = ("lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)")


def ensure_reader(admin: psycopg.Connection, reader: str, password: str) -> None:
    """Create the role or set its password; raise NotTheSample if there is one that can do more than log in."""
    row = admin.execute(
        """
        SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
            OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
        FROM pg_roles WHERE rolname = %s
        """,
        [reader],
    ).fetchone()
    if row and row[0]:
        raise NotTheSample(f"The role {reader} exists and may do more than read; name another one.")
    # The server is sent a verifier, so that the password itself cannot end in its log.
    verifier = admin.pgconn.encrypt_password(password.encode(), reader.encode(), b"scram-sha-256").decode()
    admin.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
            sql.SQL("ALTER" if row else "CREATE"), sql.Identifier(reader), sql.Literal(verifier)
        )
    )


def may_connect(admin: psycopg.Connection, database: str, reader: str) -> bool:
    """Was the reader let in? PUBLIC was shut out, so that only a role we granted it to may connect."""
    row = admin.execute("SELECT has_database_privilege(%s, %s, 'CONNECT')", [reader, database]).fetchone()
    return bool(row and row[0])


def allow_reading_only(loading: psycopg.Connection, database: str, reader: str) -> None:
    """In the sample's database: CONNECT, USAGE and SELECT for the reader, nothing for anybody else.

    Large objects stay open where `loading` is no superuser's: PostgreSQL then warns instead of revoking.
    """
    names = {"database": sql.Identifier(database), "reader": sql.Identifier(reader)}
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        *[f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC" for function in _LARGE_OBJECT_MAKERS],
        "GRANT CONNECT ON DATABASE {database} TO {reader}",
        "GRANT USAGE ON SCHEMA public TO {reader}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}",
        "ALTER ROLE {reader} IN DATABASE {database} SET default_transaction_read_only = on",
    ):
        loading.execute(sql.SQL(statement).format(**names))
