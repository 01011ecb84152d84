"""`manage.py demo`: starts the platform, asks the sample over the REST API, shows what came back, serves the pages."""

import signal
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.datasources.management.commands.load_sample import PASSWORD, PEOPLE
from apps.queries.demo_client import ApiClient, ApiError
from apps.queries.terminal import clarification_lines, query_text
from config.embedded import EmbeddedServiceError
from config.embedded.processes import running_platform

ANSWERED = "How many orders were shipped to Germany in 2025?"
ASKED_BACK = "What was our revenue last year?"
REFUSED = "Delete all orders from 2022"
ALICE = PEOPLE[0][0]


class Command(BaseCommand):
    help = "Ask the sample data source over the REST API, print everything, then serve the pages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="end after the questions")

    def handle(self, *, once: bool, **_: Any) -> None:
        try:
            with running_platform() as address:
                self._ask_all(ApiClient.signed_in(address, ALICE, PASSWORD))
                if not once:
                    self._serve(address)
        except (EmbeddedServiceError, ApiError) as error:
            raise CommandError(str(error)) from error

    def _ask_all(self, api: ApiClient) -> None:
        """Three questions with three outcomes; another outcome ends the demo with an error."""
        self._title("A question that has one meaning")
        self._show(api.ask(ANSWERED, "sample"), expected="answered")
        self._title("A question that has two meanings: Parley asks back")
        waiting = api.ask(ASKED_BACK, "sample")
        self._expect(waiting, "needs_clarification")
        self.stdout.write("\n".join(clarification_lines(waiting["clarification"])))
        question = waiting["clarification"]["questions"][0]
        chosen = question["options"][0]
        self.stdout.write(f"\nWe answer {chosen['id']} ({chosen['label']}).\n\n")
        answers = [{"question_id": question["id"], "option_id": chosen["id"]}]
        self._show(api.answer(waiting["clarification"]["id"], answers), expected="answered")
        self._title("A wish to change data: Parley only reads")
        self._show(api.ask(REFUSED, "sample"), expected="refused")

    def _show(self, body: Mapping[str, Any], *, expected: str) -> None:
        self.stdout.write(query_text(body))
        self._expect(body, expected)

    def _expect(self, body: Mapping[str, Any], status: str) -> None:
        if body["status"] != status:
            raise CommandError(f"“{body['question']}” ended as {body['status']}, not as {status}: {body['error']}")

    def _title(self, text: str) -> None:
        self.stdout.write(f"\n{text}\n{'=' * len(text)}\n")

    def _serve(self, address: str) -> None:
        logins = "\n".join(
            f"  {email:<24} {name}, {role.label.lower()} at {where}" for email, name, where, role in PEOPLE
        )
        self.stdout.write(
            f"\nParley is at {address}   API: {address}/docs   admin: {address}/admin/\n"
            f"Sign in with the password {PASSWORD} as\n{logins}\n  {'admin@parley.example':<24} the admin site\n"
            "Ctrl-C ends it."
        )
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
