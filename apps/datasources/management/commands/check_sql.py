"""`check_sql`: shows what the guard says about SQL, one JSON line in, one JSON line out."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.errors import AppError, InvalidInput
from apps.datasources.access import Access
from apps.datasources.guard import UnsafeSql, check_sql
from apps.datasources.guard.dialects import DIALECTS


class Command(BaseCommand):
    """Reads {"sql"} lines and writes {"allowed", "code", "reason", "sql"} lines in the same order."""

    help = "Check SQL from standard input: JSON lines with sql in, JSON lines with allowed, code, reason, sql out."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dialect", choices=DIALECTS, help="The dialect; a source brings its own.")
        parser.add_argument("--source", help="Look tables up as this data source has them.")
        parser.add_argument("--as", dest="email", help="… and as this member may see them.")

    def handle(self, *args: Any, **options: Any) -> None:
        access = _access(options["source"], options["email"])
        dialect = access.schema.dialect if access else options["dialect"]
        if not dialect:
            raise CommandError("Name a --dialect or a --source.")
        if options["dialect"] and options["dialect"] != dialect:
            raise CommandError(f"The data source speaks {dialect}.")
        for line in sys.stdin.buffer:
            if line.strip():
                self.stdout.write(json.dumps(verdict(line, dialect=dialect, access=access)))


def verdict(line: bytes, *, dialect: str, access: Access | None) -> dict[str, Any]:
    """What the guard says about one line of input; a malformed line is refused like bad SQL."""
    try:
        safe = check_sql(_sql_of(line), dialect=dialect, access=access)
    except (UnsafeSql, InvalidInput) as error:
        return {"allowed": False, "code": error.error_code, "reason": error.message, "sql": None}
    return {"allowed": True, "code": None, "reason": None, "sql": safe.text}


def _sql_of(line: bytes) -> str:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The line is not JSON.", details={"line": "not JSON"}) from error
    if not isinstance(request, dict):
        raise InvalidInput("The line is not a JSON object.", details={"line": "not an object"})
    sql = request.get("sql")
    if not isinstance(sql, str):
        raise InvalidInput("The field sql must be a string.", details={"sql": "must be a string"})
    unknown = sorted(set(request) - {"sql"})
    if unknown:
        raise InvalidInput(f"Unknown field: {unknown[0]}.", details=dict.fromkeys(unknown, "unknown"))
    return sql


def _access(source: str | None, email: str | None) -> Access | None:
    if source is None:
        if email is not None:
            raise CommandError("--as needs a --source.")
        return None
    from apps.datasources.services import access_for  # only a source needs the platform's database

    try:
        access: Access = access_for(source_name=source, email=email)
    except AppError as error:
        raise CommandError(error.message) from error
    return access
