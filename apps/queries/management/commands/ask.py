"""`manage.py ask`: the whole journey of a question from a shell."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.principal import Principal
from apps.accounts.row_security import organization_scope
from apps.common.errors import AppError
from apps.common.ids import uuid7
from apps.datasources.services import find_principal, find_source
from apps.queries.models import Query, Status
from apps.queries.presentation import query_json
from apps.queries.serializers import ENGINES
from apps.queries.services import Request, answer_and_go_on, ask_here, dismiss_and_go_on, go_on_here
from apps.queries.terminal import query_text


class Command(BaseCommand):
    help = "Ask a data source a question and print the answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--source", required=True, help="name of a data source")
        parser.add_argument("--engine", choices=ENGINES, help="default: the model where one is configured")
        parser.add_argument("--as", dest="email", help="e-mail of the member who asks; default: an owner of the source")
        parser.add_argument("--json", action="store_true", help="print the query as the API shows it")

    def handle(
        self, *, question: str, source: str, engine: str | None, email: str | None, json: bool, **_: Any
    ) -> None:
        structlog.contextvars.bind_contextvars(correlation_id=uuid7().hex)
        if not question.strip():
            raise CommandError("question: it is empty.")
        if len(question) > settings.PARLEY.question_max_chars:
            raise CommandError(f"question: at most {settings.PARLEY.question_max_chars} characters.")
        try:
            principal = find_principal(email=email, source_name=source)
        except AppError as error:
            raise CommandError(error.message) from error
        with organization_scope(principal.organization.pk):
            self._ask(principal, source, question.strip(), {"engine": engine} if engine else {}, as_json=json)

    def _ask(self, principal: Principal, source: str, question: str, options: dict[str, str], *, as_json: bool) -> None:
        try:
            request = Request(question, find_source(principal, source), options)
            query = ask_here(principal=principal, request=request)
        except AppError as error:
            raise CommandError(error.message) from error
        if not as_json and sys.stdin.isatty():
            query = self._ask_back(query)
        self._print(query, as_json=as_json)
        if query.status == Status.FAILED:
            sys.exit(1)

    def _print(self, query: Query, *, as_json: bool) -> None:
        body = query_json(query)
        self.stdout.write(json.dumps(body, indent=2, ensure_ascii=False) if as_json else query_text(body))

    def _ask_back(self, query: Query) -> Query:
        """Ask the person at the terminal until the query needs nothing more."""
        while query.status == Status.NEEDS_CLARIFICATION and query.clarification is not None:
            self._print(query, as_json=False)
            question = query.clarification.questions.order_by("-id")[0]
            given = input("Option, your words, or nothing to go on: ").strip()
            try:
                if not given:
                    dismiss_and_go_on(query.clarification)
                else:
                    is_option = given in {option["id"] for option in question.options}
                    answer = {"option_id" if is_option else "text": given, "question_id": question.name}
                    answer_and_go_on(query.clarification, [answer], remember=False)
            except AppError as error:
                self.stderr.write(error.message)
                continue
            query = go_on_here(query)
        return query
