"""The platform's database and its roles on the embedded PostgreSQL.

Two roles: `parley_owner` owns the tables and migrates, `parley` runs the platform and is subject to row-level security,
which an owner or a superuser would pass by.
"""

from typing import Any

import psycopg
from psycopg import sql

from config.embedded.postgres import SUPERUSER, Postgres

DATABASE = "parley"
OWNER_ROLE = "parley_owner"
RUNNING_ROLE = "parley"

# What the owner makes, the running role may use. Other roles, such as a sample's reader, have no business here.
_GRANTS = tuple(
    sql.SQL(statement).format(
        database=sql.Identifier(DATABASE), owner=sql.Identifier(OWNER_ROLE), running=sql.Identifier(RUNNING_ROLE)
    )
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {running}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {running}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {running}",
    )
)


def provision(server: Postgres) -> None:
    """Make the roles and the database where they are missing; safe to repeat, also after an attempt that was killed."""
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        _make_role(connection, OWNER_ROLE, sql.SQL("CREATEDB"))  # tests make databases of their own
        _make_role(connection, RUNNING_ROLE, sql.SQL("NOCREATEDB"))
        if not _exists(connection, sql.SQL("SELECT FROM pg_database WHERE datname = %s"), DATABASE):
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE)))
    with psycopg.connect(server.url(SUPERUSER, DATABASE)) as connection:
        for statement in _GRANTS:
            connection.execute(statement)


def _make_role(connection: psycopg.Connection[Any], name: str, option: sql.SQL) -> None:
    if not _exists(connection, sql.SQL("SELECT FROM pg_roles WHERE rolname = %s"), name):
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER {}").format(sql.Identifier(name), option))


def _exists(connection: psycopg.Connection[Any], statement: sql.SQL, name: str) -> bool:
    return connection.execute(statement, [name]).fetchone() is not None
