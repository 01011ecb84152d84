"""The platform's processes on one machine: web, workers and scheduler as in production, started and ended together."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from config.embedded.commands import missing_services
from config.embedded.errors import EmbeddedServiceError, log_tail
from config.embedded.places import CHECKOUT
from config.embedded.ports import HOST, reserved_port
from config.embedded.services import ensure_running, stop
from config.embedded.supervisor import Command, end_with_parent, supervise

_GRACE_SECONDS = 30
_READY_TIMEOUT_SECONDS = 90
_POLL_SECONDS = 0.2
_READY_PATH = "/api/v1/health/ready"


def platform_commands(port: int) -> list[Command]:
    """Return the production processes, bound to this machine only."""
    granian, celery = [sys.executable, "-m", "granian"], [sys.executable, "-m", "celery", "-A", "config", "-q"]
    schedule = str(CHECKOUT / "var" / "scheduler")
    web = (
        "--interface wsgi --no-ws --workers 2 --blocking-threads 8 --backpressure 64 --workers-kill-timeout 20"
        " --respawn-failed-workers --respawn-interval 0.5 --http1-buffer-size 65536"
    )
    worker = ["worker", "--without-gossip", "--without-mingle"]
    return [
        Command("web", [*granian, "--host", HOST, "--port", str(port), *web.split(), "config.wsgi:application"]),
        Command(
            "worker", [*celery, *worker, "-Q", "questions", "-n", "questions@%h", "--concurrency", "4", "-l", "INFO"]
        ),
        Command(
            "models",
            [*celery, *worker, "-Q", "model_questions", "-n", "models@%h", "--pool", "threads", "-l", "INFO"],
        ),
        Command("upkeep", [*celery, *worker, "-Q", "upkeep", "-n", "upkeep@%h", "--concurrency", "1", "-l", "WARNING"]),
        Command(
            "evaluations",
            [*celery, *worker, "-Q", "evaluations", "-n", "evaluations@%h", "--concurrency", "1", "-l", "WARNING"],
        ),
        Command("scheduler", [*celery, "beat", "-l", "WARNING", "--pidfile", "", "--schedule", schedule]),
    ]


def run_platform() -> int:
    """Run the platform until Ctrl-C or SIGTERM, with the embedded services that it needs; return the exit code.

    The port is PORT, or the first free one from 8000 on. Services that were running before are left running.
    """
    services = missing_services()
    _forget_metrics()
    with reserved_port() as port:
        started = bool(services) and ensure_running(services=services)
        try:
            sys.stdout.write(f"Parley is starting at http://{HOST}:{port}  (Ctrl-C ends it)\n")
            return supervise(platform_commands(port), _environment(port), _GRACE_SECONDS)
        finally:
            if started:
                stop()


def run_with_services(command: Sequence[str]) -> int:
    """Run `command` with the services that the environment does not replace; return its exit code.

    Services that were started for it are stopped afterwards, however it ends.
    """
    services = missing_services()
    started = bool(services) and ensure_running(services=services)
    try:
        process = subprocess.Popen(command, preexec_fn=end_with_parent)
        # Ctrl-C reaches the command by itself, as it shares our terminal; SIGTERM is sent to us alone.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        code = process.wait()
        return code if code >= 0 else 128 - code
    finally:
        if started:
            stop()


@contextmanager
def running_platform(port: int | None = None) -> Iterator[str]:
    """Run the platform beside the caller and yield its address once it is ready; end it on leaving.

    Output goes to var/log/platform.log, whose last lines are in the EmbeddedServiceError of a failed start.
    """
    log = CHECKOUT / "var" / "log" / "platform.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with reserved_port(port) as found:
        pass
    environment = {**os.environ, "PORT": str(found)}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.embedded", "run"],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
    try:
        _wait_until_ready(process, found, log)
        yield f"http://{HOST}:{found}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_GRACE_SECONDS * 2)


def _forget_metrics() -> None:
    """Drop the counters that earlier processes left: their sums would be counted into ours for ever."""
    folder = Path(os.environ.get("METRICS_FOLDER") or CHECKOUT / "var" / "metrics")
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)


def _environment(port: int) -> dict[str, str]:
    """Return our environment, completed by what a machine without any settings needs."""
    defaults = {"DJANGO_SETTINGS_MODULE": "config.settings.local", "PUBLIC_URL": f"http://{HOST}:{port}"}
    return {**defaults, **os.environ, "PYTHONUNBUFFERED": "1"}


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_TIMEOUT_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", _READY_PATH)
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(_POLL_SECONDS)
    raise EmbeddedServiceError(f"The platform did not become ready on port {port}.\n{log_tail(log)}")
