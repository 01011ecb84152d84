"""A PostgreSQL server of its own, thrown away afterwards: whatever a statement does, it does it there."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.services import admin_url, ensure_running, remove


@contextmanager
def throwaway_server() -> Iterator[str]:
    """The address of a new server's superuser; the server and all it holds are removed in the end."""
    with tempfile.TemporaryDirectory(prefix="parley-differential-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        ensure_running(place, {"postgres"})
        try:
            url = admin_url(checkout=place)
            with psycopg.connect(url, autocommit=True) as admin:
                admin.execute("ALTER SYSTEM SET autovacuum = off")  # it takes transaction ids, which we watch
                admin.execute("ALTER SYSTEM SET fsync = off")
                admin.execute("SELECT pg_reload_conf()")
            yield url
        finally:
            remove(place)


def make_database(url: str, name: str, template: str = "template1") -> None:
    """A new database of that name."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def drop_database(url: str, name: str) -> None:
    """Drop that database, whoever is connected to it."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
