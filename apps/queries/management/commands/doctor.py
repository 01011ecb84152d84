"""`manage.py doctor`: is everything there that the platform needs, and how is it mended if not?"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.protection import check_protection
from apps.accounts.row_security import across_organizations
from apps.common.errors import AppError
from apps.datasources.credentials import decrypt
from apps.datasources.models import DataSource
from apps.datasources.services import test_data_source
from apps.llm.registry import ModelSpec, defaults_by_role, find_model, registry_complaints
from apps.llm.self_test import grade, reach
from apps.monitoring.health import check_cache, check_database, check_migrations
from apps.queries.work.workers import check_workers

GRADES_EXPLAINED = "docs/models.md says what each mark means."


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

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--grade", nargs="?", const="", metavar="KEY",
            help="put the whole self-test, a dozen calls, to this model, or to each that a role takes",
        )  # fmt: skip

    def handle(self, **options: Any) -> None:
        findings = []
        key = options["grade"]
        try:
            models = () if key is None else _to_grade(key)
        except AppError as error:
            raise CommandError(error.message) from error
        for finding in examine() if key is None else graded(models, self.stdout.write):
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
    yield from _models()
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


def _models() -> Iterator[Finding]:
    """What is wrong in the registry, and one tiny call to every model that a role takes."""
    try:
        with across_organizations("models are the installation's"):
            complaints, taken = registry_complaints(), _taken()
    except AppError as error:
        yield Finding("models", False, error.message, "docs/models.md says what the registry takes.")
        return
    for complaint in complaints:
        yield Finding("models", False, complaint, "docs/models.md says what the registry takes.")
    if not taken:
        yield Finding("models", True, "none configured; the built-in engine answers")
    for key, (model, roles) in taken.items():
        mend = "Check the address, key and name of the model; --grade tells more."
        try:
            yield Finding(f"model {key} ({', '.join(roles)})", True, reach(model))
        except AppError as error:
            yield Finding(f"model {key} ({', '.join(roles)})", False, error.message, mend)


def _taken() -> dict[str, tuple[ModelSpec, list[str]]]:
    """The models that roles take where nobody names one, with those roles."""
    found: dict[str, tuple[ModelSpec, list[str]]] = {}
    for role, model in defaults_by_role().items():
        found.setdefault(model.key, (model, []))[1].append(role)
    return found


def graded(models: Iterable[ModelSpec], tell: Callable[[str], Any]) -> Iterator[Finding]:
    """The whole self-test of each model; its marks are told as they come."""
    for model in models:
        found = grade(model)
        tell("\n".join(found.lines()))
        yield Finding(f"model {model.key}", found.is_well, f"{found.passed} of {len(found.marks)}", GRADES_EXPLAINED)


def _to_grade(key: str) -> list[ModelSpec]:
    """The model of that key, or without one each that a role takes. Raises InvalidInput, RegistryBroken."""
    with across_organizations("models are the installation's"):
        return [find_model(key)] if key else [one for one, _ in _taken().values() if not one.only_embeds]


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
