"""`python -m config.embedded`, in a checkout of its own that holds nothing but the package."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.embedded.places import CHECKOUT


@pytest.fixture
def copy(checkout: Path) -> Path:
    (checkout / "config").mkdir()
    (checkout / "config" / "__init__.py").touch()
    shutil.copytree(CHECKOUT / "config" / "embedded", checkout / "config" / "embedded")
    return checkout


def command_line(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "config.embedded", *arguments]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}


def run(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command_line(*arguments), cwd=checkout, env=environment(), capture_output=True, text=True, timeout=90
    )


def test_services_can_be_started_looked_at_and_stopped_by_hand(copy: Path):
    assert run(copy, "status").returncode == 1
    assert run(copy, "start").stdout == "started\n"
    assert run(copy, "start").stdout == "already running\n"
    assert run(copy, "status").returncode == 0
    run(copy, "stop")
    assert "postgres: not running" in run(copy, "status").stdout


def test_the_addresses_can_be_taken_into_a_shell(copy: Path):
    run(copy, "start")
    printed = run(copy, "env").stdout
    shell = f'{printed}\n"{sys.executable}" -c "import os, psycopg; psycopg.connect(os.environ[\'DATABASE_URL\'])"'
    subprocess.run(["/bin/sh", "-ec", shell], check=True)


def test_a_command_gets_its_services_for_as_long_as_it_runs_and_keeps_its_exit_code(copy: Path):
    status = f'"{sys.executable}" -m config.embedded status && exit 3'
    finished = run(copy, "with", "/bin/sh", "-c", status)
    assert "redis: running" in finished.stdout
    assert finished.returncode == 3
    assert "redis: not running" in run(copy, "status").stdout


def test_services_that_ran_before_a_command_run_on_after_it(copy: Path):
    run(copy, "start")
    run(copy, "with", "true")
    assert run(copy, "status").returncode == 0


def test_asking_it_to_end_ends_the_command_and_the_services(copy: Path):
    process = subprocess.Popen(command_line("with", "sleep", "600"), cwd=copy, env=environment())
    deadline = time.monotonic() + 60
    while run(copy, "status").returncode != 0:
        assert time.monotonic() < deadline
    time.sleep(0.5)  # between the services' start and the command's
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    assert "redis: not running" in run(copy, "status").stdout


def test_what_is_wrong_is_said_without_a_traceback(copy: Path):
    (copy / "var").write_text("in the way")
    finished = run(copy, "start")
    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    assert str(copy / "var") in finished.stderr
