"""`manage.py rerun DOSSIER`: asks a dossier's question again and says what differs from what the dossier tells."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError
from pydantic import BaseModel, ConfigDict, ValidationError
from rest_framework.exceptions import ValidationError as BadRequest

from apps.accounts.row_security import organization_scope
from apps.common.errors import AppError
from apps.common.ids import uuid7
from apps.datasources.services import find_principal, find_source
from apps.queries.presentation import query_json
from apps.queries.record.dossier import FORMAT
from apps.queries.serializers import AskSerializer
from apps.queries.services import Request, ask_here

LARGEST_BYTES = 256 * 1024 * 1024


class _Dossier(BaseModel):
    """What this command needs of a dossier."""

    model_config = ConfigDict(extra="ignore")

    format: str
    request: dict[str, Any]
    query: dict[str, Any]


class Command(BaseCommand):
    help = "Ask a dossier's question again and compare; exit 1 if the answer is another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dossier", type=Path, help="file from GET queries/{id}/dossier")
        parser.add_argument("--source", help="name of a data source; default: that of the dossier")
        parser.add_argument("--as", dest="email", help="e-mail of the member who asks; default: an owner of the source")

    def handle(self, *, dossier: Path, source: str | None, email: str | None, **_: Any) -> None:
        structlog.contextvars.bind_contextvars(correlation_id=uuid7().hex)
        told = read_dossier(dossier)
        try:
            asked = AskSerializer(data={**told.request, **({"data_source": source} if source else {})})
            asked.is_valid(raise_exception=True)
            body = self._asked(dict(asked.validated_data), email)
        except BadRequest as error:
            raise CommandError(f"request: {json.dumps(error.detail)}") from error
        except AppError as error:
            raise CommandError(error.message) from error
        differences = list(differing(told.query, body))
        self.stdout.write(f"{body['status']}: {body['answer'] or (body['error'] or {}).get('message', '')}")
        self.stdout.write("\n".join(differences) or "The same as in the dossier.")
        if differences:
            sys.exit(1)

    def _asked(self, options: dict[str, Any], email: str | None) -> dict[str, Any]:
        source_name, question = options.pop("data_source"), options.pop("question")
        options.pop("conversation", None)
        principal = find_principal(email=email, source_name=source_name)
        with organization_scope(principal.organization.pk):
            request = Request(question, find_source(principal, source_name), {**options, "wants_new_rows": True})
            return query_json(ask_here(principal=principal, request=request))


def read_dossier(path: Path) -> _Dossier:
    """A dossier from a file. Raises CommandError that says what is wrong with it."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise CommandError(f"{path.name}: larger than any dossier.")
        found = _Dossier.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path.name}: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise CommandError(f"{path.name}: {where}: {first['msg']}.") from error
    if found.format != FORMAT:
        raise CommandError(f"{path.name}: format: it is {found.format!r}; this reads {FORMAT!r}.")
    return found


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What of the outcome is not as it was, a line each."""
    lines = [
        f"{name}: was {before.get(name)!r}, is {after.get(name)!r}"
        for name in ("status", "engine", "sql")
        if before.get(name) != after.get(name)
    ]
    was, now = ((one.get("result") or {}).get("rows") for one in (before, after))
    if was != now:
        counts = [len(rows) if rows is not None else "no" for rows in (was, now)]
        lines.append(f"rows: {counts[0]} before, {counts[1]} now, with other values")
    return lines
