"""Giving the database connection back while we wait for somebody else."""

from django.db import connection


def release_connection() -> None:
    """Return this thread's connection to the pool, unless a transaction is open (as in tests)."""
    if not connection.in_atomic_block:
        connection.close()
