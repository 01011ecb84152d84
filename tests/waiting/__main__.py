"""`python -m tests.waiting`: 500 questions wait for a model at once, all in one worker.

A replay server holds every call; one worker of threads as `make run` starts it, with six connections to our database in
all, takes the questions through the broker. When all calls are under way, its memory and its sessions at the database
are measured. Then the worker is asked to end: it must be gone soon, with exit code 0, and every question must be queued
again. A new worker takes them, the calls are let go, and every question must be answered, once. Prints the figures;
ends non-zero where one is not as it must be. With `--short`, 60 questions.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import psutil

from config.embedded.places import CHECKOUT
from config.embedded.processes import platform_commands
from tests.model_server import ModelServer, Reply

MOST_MIB = 600
MOST_CONNECTIONS = 6
GRACE_SECONDS = 3
WAIT_SECONDS = 300
READING = {"sql": "SELECT COUNT(*) FROM orders", "explanation": "number of orders", "likelihood": 0.9}
MIB = 1024 * 1024


@dataclass
class Worker:
    """The worker that `make run` starts for questions to models, with a model that is our replay server."""

    url: str
    count: int
    process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        [command] = [one for one in platform_commands(0) if one.name == "models"]
        log = (CHECKOUT / "var" / "log" / "waiting.log").open("ab")
        self.process = subprocess.Popen(
            list(command.arguments), cwd=CHECKOUT, env={**os.environ, **settings_for(self.url, self.count)},
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def memory(self) -> dict[str, float]:
        """MiB of the process and its children: resident, and its own share where pages are shared."""
        tree = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        found = [one.memory_full_info() for one in tree]
        return {"rss": sum(one.rss for one in found) / MIB, "pss": sum(one.pss for one in found) / MIB}

    def threads(self) -> int:
        return int(psutil.Process(self.process.pid).num_threads())

    def end(self) -> tuple[int, float]:
        """Ask it to end; its exit code, and the seconds that it took."""
        started = time.monotonic()
        self.process.terminate()
        return self.process.wait(timeout=60), time.monotonic() - started

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def settings_for(url: str, count: int) -> dict[str, str]:
    """One organization may have all of them at work, and nothing is answered from what is kept."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.local", "MODEL_BASE_URL": url, "MODEL_NAME": "replayed",
        "MODEL_AGENTS": "none", "MODEL_CACHE_SECONDS": "0", "ANALYSIS_CACHE_SECONDS": "0",
        "QUERIES_AT_ONCE": str(count), "MODEL_CALLS_AT_ONCE_PER_ORGANIZATION": str(count),
        "MODEL_QUESTIONS_AT_ONCE": str(count),
        "DATABASE_POOL_SIZE": str(MOST_CONNECTIONS), "DATABASE_POOL_OVERFLOW": "0",
        "WORKER_GRACE_SECONDS": str(GRACE_SECONDS), "QUERIES_WAITING_MOST": str(count + 1),
    }  # fmt: skip


def wait_until(what: str, is_so: Callable[[], bool]) -> float:
    """The seconds until it is so. Raises TimeoutError."""
    started = time.monotonic()
    while not is_so():
        if time.monotonic() - started > WAIT_SECONDS:
            raise TimeoutError(f"Not within {WAIT_SECONDS} seconds: {what}")
        time.sleep(0.25)
    return time.monotonic() - started


def ask_all(count: int) -> list[Any]:
    """The ids of so many queries about the sample, each in words of its own."""
    from apps.datasources.management.commands.load_sample import PEOPLE
    from apps.datasources.models import DataSource
    from apps.datasources.services import find_principal
    from apps.queries.services import Request, ask

    principal = find_principal(email=PEOPLE[0].email)
    source = DataSource.objects.for_org(principal.organization).get(name="sample")
    questions = (f"How many orders of kind {at} are there?" for at in range(count))
    requests = (Request(question, source, {"engine": "model"}) for question in questions)
    return [ask(principal=principal, request=request, surface="api").pk for request in requests]


def statuses(ids: list[Any]) -> dict[str, int]:
    """How many of the queries have which status."""
    from django.db.models import Count

    from apps.queries.models import Query

    rows = Query.objects.filter(pk__in=ids).values_list("status").annotate(count=Count("pk"))
    return dict(rows)


def sessions() -> list[str]:
    """The states of all sessions at our database but that of this thread."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(state, '') FROM pg_stat_activity WHERE application_name = 'parley'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [state for (state,) in cursor.fetchall()]


def measure(count: int, say: Callable[[str], None]) -> list[str]:
    """Hold the questions, end the worker in the middle, answer them with another; what was not as it must be."""
    from apps.queries.models import Query
    from apps.queries.services import sweep

    wrong: list[str] = []
    with ExitStack() as stack:
        server = stack.enter_context(ModelServer([Reply(json={"readings": [READING]}, hold=True)]))
        others = len(sessions())
        worker = Worker(server.url, count)
        stack.callback(worker.kill)
        wait_until("the worker has begun", lambda: worker.threads() > 1)
        time.sleep(5)  # it loads what it needs
        before = worker.memory()
        ids = ask_all(count)
        seconds = wait_until("all calls are under way", lambda: len(server.received) >= count)
        time.sleep(2)
        memory, states = worker.memory(), sessions()
        say(f"{count} calls under way after {seconds:.1f} s, in {worker.threads()} threads of one process")
        say(
            f"memory: {memory['rss']:.0f} MiB resident ({memory['pss']:.0f} MiB of its own), {before['rss']:.0f} before"
        )
        at_work = len([one for one in states if one != "idle"])
        say(f"the worker's sessions at our database: {len(states) - others}, of which at work: {at_work}")
        if memory["rss"] > MOST_MIB:
            wrong.append(f"{memory['rss']:.0f} MiB are more than {MOST_MIB}")
        if len(states) - others > MOST_CONNECTIONS:
            wrong.append(f"{len(states) - others} sessions are more than {MOST_CONNECTIONS}")
        if statuses(ids) != {"running": count}:
            wrong.append(f"not all are running: {statuses(ids)}")

        code, seconds = worker.end()
        say(f"asked to end, the worker was gone after {seconds:.1f} s with exit code {code}; {statuses(ids)}")
        if code or statuses(ids) != {"queued": count}:
            wrong.append("the worker that ended did not give all back")

        server.released.set()
        successor = Worker(server.url, count)
        stack.callback(successor.kill)
        seconds = wait_until("all are answered", lambda: bool(sweep() or True) and ended(ids) == count)
        memory = successor.memory()
        say(f"answered by the next worker after {seconds:.1f} s; {statuses(ids)}; {memory['rss']:.0f} MiB resident")
        if statuses(ids) != {"answered": count}:
            wrong.append(f"not all were answered: {statuses(ids)}")
        again = Query.objects.filter(pk__in=ids, attempts__gt=1).count()
        if again:
            wrong.append(f"{again} were begun more often than they had to be")
        code, seconds = successor.end()
        say(f"with nothing to do, the worker was gone after {seconds:.1f} s with exit code {code}")
        if code or seconds > GRACE_SECONDS + 2:
            wrong.append("a worker with nothing to do did not end at once")
        Query.objects.filter(pk__in=ids).delete()
    return wrong


def ended(ids: list[Any]) -> int:
    return sum(count for status, count in statuses(ids).items() if status not in ("queued", "running"))


def main() -> int:
    """Measure with as many questions as asked for; return the exit code."""
    count = 60 if "--short" in sys.argv[1:] else 500
    os.environ.update(settings_for("http://127.0.0.1:9/v1", count))
    import django

    django.setup()
    from apps.accounts.row_security import across_organizations

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    with across_organizations("a measurement of the whole installation"):
        wrong = measure(count, say)
    for one in wrong:
        say(f"WRONG: {one}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
