"""`manage.py doctor`: is everything there that the platform needs, and how is it mended if not?"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.accounts.protection import check_protection
from apps.accounts.row_security import across_organizations
from apps.common.errors import AppError
from apps.datasources.credentials import decrypt
from apps.datasources.models import DataSource
from apps.datasources.services import test_data_source
from apps.llm.registry import default_model
from apps.llm.self_test import reach
from apps.monitoring.health import check_cache, check_database, check_migrations
from apps.queries.workers import check_workers


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` says what to do where it is not well."""

    what: str
    ok: bool
    said: str
    mend: str = ""


class Command(BaseCommand):
    help = "Check configuration, database, broker, workers, model endpoints and every data source."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        findings = []
        for finding in examine():
            findings.append(finding)
            self.stdout.write(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what}: {finding.said}")
            if not finding.ok and finding.mend:
                self.stdout.write(f"      {finding.mend}")
        if not all(finding.ok for finding in findings):
            sys.exit(1)


def examine() -> Iterator[Finding]:
    """Everything that can be looked at, the foundations first; what rests on a broken one is left out."""
    yield _configuration()
    database = _asked(
        "database", check_database, "Is DATABASE_URL right, and does PostgreSQL run? `make run` starts one."
    )
    yield database
    broker = _asked("redis", check_cache, "Is REDIS_URL right, and does Redis run? `make run` starts one.")
    yield broker
    if broker.ok:
        yield _asked("workers", check_workers, "Start web, worker and scheduler with `make run`.")
    yield _model()
    if not database.ok:
        return
    migrations = _asked("migrations", check_migrations, "Run `python manage.py migrate`.")
    yield migrations
    if migrations.ok:
        yield _asked("row security", check_protection, "Give DATABASE_URL a role without SUPERUSER, then migrate.")
        yield from _data_sources()


def _asked(what: str, check: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(what, True, check())
    except Exception as error:  # whatever is wrong is what we came to find
        return Finding(what, False, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}", mend)


def _configuration() -> Finding:
    try:
        keys = settings.CREDENTIALS_KEYS
        settings.SECRET_KEY  # noqa: B018  (reading it raises where it is missing)
    except Exception as error:  # as above
        return Finding("configuration", False, str(error), "Compare the environment with .env.example.")
    return Finding("configuration", True, f"read; {len(keys)} key(s) for credentials")


def _model() -> Finding:
    model = default_model()
    if model is None:
        return Finding("model", True, "none configured; the built-in engine answers")
    try:
        return Finding("model", True, reach(model))
    except AppError as error:
        return Finding("model", False, error.message, "Check MODEL_BASE_URL, MODEL_API_KEY and MODEL_NAME.")


def _data_sources() -> Iterator[Finding]:
    with across_organizations("the installation's health spans organizations"):
        sources = list(DataSource.objects.select_related("organization").order_by("organization__slug", "name"))
    for source in sources:
        what = f"data source {source.organization.slug}/{source.name}"
        try:
            decrypt(source)
            told = test_data_source(source)
        except AppError as error:
            yield Finding(what, False, error.message, "Enter the password again in the admin site.")
            continue
        mend = "" if told["ok"] else "Check host, port, database and user in the admin site."
        if told["ok"] and source.synced_at is None:
            yield Finding(what, False, "answers, but its schema was never read", "POST data-sources/{id}/sync.")
        else:
            yield Finding(what, bool(told["ok"]), str(told["message"]), mend)
