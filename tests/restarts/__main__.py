"""`python -m tests.restarts`: one conversation held twice, at one stretch and with all that it runs on lost in between.

The second time web, workers, scheduler, PostgreSQL and Redis are stopped and started before each turn and before each
answer to what is asked back, and at one turn every worker is killed while it runs the SQL. Both times the same answers
must come. Prints a line a turn; ends non-zero where they differ. With `--short` all is restarted only while something
is asked back, and where the workers die.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import psycopg

from config.demo_client import ApiClient
from config.embedded.processes import running_platform
from config.embedded.services import admin_url, status, stop

WAIT_SECONDS = 60
OUTCOMES = ("answered", "cannot_answer", "refused", "failed", "cancelled", "needs_clarification")


@dataclass(frozen=True)
class Turn:
    """What is asked; the option's label that is chosen where something is asked back; whether workers die over it."""

    question: str
    chosen: str | None = None
    workers_die: bool = False


TURNS = (
    Turn("What was our revenue last year?", chosen="Invoiced"),
    Turn("and in 2024?"),
    Turn("by month"),
    Turn("How many orders were there in March 2026?", chosen="Shipped"),
    Turn("only Germany", workers_die=True),
    Turn("what about France?"),
)


@dataclass
class Platform:
    """The running platform as one person uses it; `restart` loses every process and brings them back."""

    email: str
    password: str
    _stack: ExitStack = field(default_factory=ExitStack)
    api: ApiClient = field(default_factory=lambda: ApiClient(""))

    def restart(self) -> None:
        self.end()
        address = self._stack.enter_context(running_platform())
        self.api = ApiClient.signed_in(address, self.email, self.password)

    def end(self) -> None:
        """Stop everything; PostgreSQL and Redis must be gone as well."""
        self._stack.close()
        found = status()
        if found.postgres_pid or found.redis_pid:
            stop()

    def outcome(self, query: str) -> Mapping[str, Any]:
        """The query once it has an outcome. Raises TimeoutError."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            found: Mapping[str, Any] = self.api.get(f"/api/v1/queries/{query}")
            if found["status"] in OUTCOMES:
                return found
            time.sleep(0.2)
        raise TimeoutError(f"Query {query} has no outcome after {WAIT_SECONDS} seconds.")


def hold(platform: Platform, *, interrupted: bool, short: bool) -> list[Mapping[str, Any]]:
    """The queries of the whole conversation, each with its outcome."""
    while_asked: Callable[[], None] = platform.restart if interrupted else lambda: None
    pause: Callable[[], None] = platform.restart if interrupted and not short else lambda: None
    ended: list[Mapping[str, Any]] = []
    platform.restart()
    for turn in TURNS:
        pause()
        conversation = ended[-1]["conversation"] if ended else None
        asked = {"question": turn.question, "data_source": "sample", "engine": "builtin", "conversation": conversation}
        if interrupted and turn.workers_die:
            query = killed_over(platform, asked)
        else:
            query = platform.outcome(platform.api.post("/api/v1/queries", asked)["id"])
        if query["status"] == "needs_clarification":
            while_asked()
            answer(platform, query["clarification"], turn)
            pause()
            query = platform.outcome(query["id"])
        ended.append(query)
        say(f"  {query['status']:<14} {turn.question:<45} {query['answer']}")
    return ended


def answer(platform: Platform, clarification: Mapping[str, Any], turn: Turn) -> None:
    (question,) = clarification["questions"]
    (chosen,) = [option["id"] for option in question["options"] if option["label"] == turn.chosen]
    answers = [{"question_id": question["id"], "option_id": chosen}]
    body = {"answers": answers, "remember": False}  # the conversation is held again, and has to ask again
    platform.api.post(f"/api/v1/clarifications/{clarification['id']}/answers", body)


def killed_over(platform: Platform, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask, kill every worker with SIGKILL while the SQL waits for a lock, start everything again; what came of it."""
    with locked_orders():
        query = platform.api.post("/api/v1/queries", asked)["id"]
        deadline = time.monotonic() + WAIT_SECONDS
        while platform.api.get(f"/api/v1/queries/{query}")["stage"] not in ("checking", "executing"):
            if time.monotonic() > deadline:
                raise TimeoutError("No worker has come to the SQL.")
            time.sleep(0.02)
        killed = kill_workers()
    say(f"  killed {killed} worker processes over: {asked['question']}")
    platform.restart()
    return platform.outcome(query)


@contextmanager
def locked_orders() -> Iterator[None]:
    """Whoever reads orders of the sample waits until this ends."""
    from apps.datasources.management.commands.load_sample import DATABASE

    with psycopg.connect(admin_url(DATABASE)) as connection:
        connection.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


def kill_workers() -> int:
    """End our own worker processes without a word; returns how many there were."""
    workers = [
        process for process in psutil.Process().children(recursive=True)
        if "celery" in process.cmdline() and {"questions", "model_questions"} & {*process.cmdline()}
    ]  # fmt: skip
    for process in workers:
        os.kill(process.pid, signal.SIGKILL)
    return len(workers)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Hold the conversation twice and compare; return the exit code."""
    import django

    short = "--short" in sys.argv[1:]

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    django.setup()
    from apps.datasources.management.commands.load_sample import PASSWORD, PEOPLE

    platform = Platform(PEOPLE[0].email, PASSWORD)
    try:
        say("At one stretch")
        whole = hold(platform, interrupted=False, short=short)
        say("With everything restarted in between, and the workers killed once")
        broken = hold(platform, interrupted=True, short=short)
    finally:
        platform.end()
    same = [outcome(one) == outcome(other) for one, other in zip(whole, broken, strict=True)]
    say(f"{sum(same)} of {len(same)} turns brought the same answer.")
    return 0 if all(same) and all(one["status"] == "answered" for one in whole) else 1


def outcome(query: Mapping[str, Any]) -> list[Any]:
    """What two answers to the same question share, read at different times."""
    said = query["answer"].partition(" Data as of ")[0]
    return [query["status"], said, query["sql"], query["assumptions"], query["result"]["rows"]]


if __name__ == "__main__":
    sys.exit(main())
