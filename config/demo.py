"""`python -m config.demo [--once]`: starts the platform, asks the sample over the REST API, then serves the pages."""

import argparse
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

import django

from config.demo_client import ApiClient, ApiError
from config.embedded import EmbeddedServiceError
from config.embedded.processes import running_platform

ANSWERED = "How many orders were shipped to Germany in 2025?"
ASKED_BACK = "What was our revenue last year?"
REFUSED = "Delete all orders from 2022"


class UnexpectedOutcome(Exception):
    """A question of the demo ended otherwise than the demo says."""


def main() -> int:
    """Run the demo; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the questions")
    once = parser.parse_args().once
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    django.setup()
    from apps.datasources.management.commands.load_sample import PASSWORD, PEOPLE

    try:
        with running_platform() as address:
            ask_all(ApiClient.signed_in(address, PEOPLE[0].email, PASSWORD))
            if not once:
                serve(address, PASSWORD, [f"{one.email:<24} {one.role} at {one.organization}" for one in PEOPLE])
    except (EmbeddedServiceError, ApiError, UnexpectedOutcome) as error:
        say(f"\n{error}")
        return 1
    return 0


def ask_all(api: ApiClient) -> None:
    """Three questions with three outcomes. Raises UnexpectedOutcome."""
    title("A question that has one meaning")
    show(api.ask(ANSWERED, "sample"), expected="answered")
    title("A question that has two meanings: Parley asks back")
    show(answer_first_option(api, api.ask(ASKED_BACK, "sample")), expected="answered")
    title("A wish to change data: Parley only reads")
    show(api.ask(REFUSED, "sample"), expected="refused")


def answer_first_option(api: ApiClient, waiting: Mapping[str, Any]) -> Mapping[str, Any]:
    """Show what is asked back, answer with the first option; the query as it stands then."""
    from apps.queries.terminal import clarification_lines

    expect(waiting, "needs_clarification")
    say("\n".join([f"Question   {waiting['question']}", *clarification_lines(waiting["clarification"])]))
    question = waiting["clarification"]["questions"][0]
    chosen = question["options"][0]
    say(f"\nWe answer {chosen['id']} ({chosen['label']}).\n")
    answers = [{"question_id": question["id"], "option_id": chosen["id"]}]
    answered: Mapping[str, Any] = api.answer(waiting["clarification"]["id"], answers)
    return answered


def show(body: Mapping[str, Any], *, expected: str) -> None:
    """Print a query. Raises UnexpectedOutcome if it ended otherwise."""
    from apps.queries.terminal import query_text

    say(query_text(body))
    expect(body, expected)


def expect(body: Mapping[str, Any], status: str) -> None:
    if body["status"] != status:
        raise UnexpectedOutcome(f"“{body['question']}” ended as {body['status']}, not as {status}: {body['error']}")


def serve(address: str, password: str, logins: list[str]) -> None:
    """Say where the pages are and wait for Ctrl-C."""
    people = "\n".join(f"  {one}" for one in [*logins, f"{'admin@parley.example':<24} the admin site"])
    say(f"\nParley is at {address}   API: {address}/docs   admin: {address}/admin/")
    say(f"Sign in with the password {password} as\n{people}\nCtrl-C ends it.")
    signal.sigwait({signal.SIGINT, signal.SIGTERM})


def title(text: str) -> None:
    say(f"\n{text}\n{'=' * len(text)}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
