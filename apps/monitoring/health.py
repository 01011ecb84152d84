"""What the platform depends on, asked each time: nothing here is a constant."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection

from apps.common.ids import uuid7


@dataclass(frozen=True)
class Check:
    """How one dependency answered. `message` is safe to show and says how to mend it."""

    name: str
    ok: bool
    message: str
    duration_ms: float


class CheckFailed(Exception):
    """What a check found wrong, in words that are safe to show."""


def run_check(name: str, check: Callable[[], str]) -> Check:
    """Run a check that returns a message or raises; of other exceptions than CheckFailed only the class is told."""
    started = time.perf_counter()
    try:
        ok, message = True, check()
    except CheckFailed as error:
        ok, message = False, str(error)
    except Exception as error:  # any failure of a dependency is the finding itself
        ok, message = False, type(error).__name__
    return Check(name, ok, message, round((time.perf_counter() - started) * 1000, 2))


def check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return "answers"


def check_migrations() -> str:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise CheckFailed("migrations are missing: run `manage.py migrate`")
    return "all applied"


def check_cache() -> str:
    key = f"health:{uuid7()}"
    cache.set(key, "1", timeout=5)
    if cache.get(key) != "1":
        raise CheckFailed("the cache lost a value")
    cache.delete(key)
    return "answers"


READY_CHECKS: dict[str, Callable[[], str]] = {"database": check_database, "redis": check_cache}
_more: dict[str, Callable[[], str]] = {"migrations": check_migrations}


def register_check(name: str, check: Callable[[], str]) -> None:
    """Let a higher app add a check to the detailed report."""
    _more[name] = check


def ready_checks() -> list[Check]:
    """What must answer before this process may take requests."""
    return [run_check(name, check) for name, check in READY_CHECKS.items()]


def detailed_checks() -> list[Check]:
    """Everything that can be asked."""
    return ready_checks() + [run_check(name, check) for name, check in _more.items()]
