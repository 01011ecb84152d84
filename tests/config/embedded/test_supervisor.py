"""Processes that run as one, with small stand-ins for web and worker."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config.embedded.pid_files import is_alive
from config.embedded.places import CHECKOUT

STAND_IN = """
import signal, subprocess, sys, time
name, folder, on_term = sys.argv[1:]
child = subprocess.Popen(["sleep", "600"])
def end(*_):
    if on_term == "obey":
        child.terminate()
    print(name, "was asked to end", flush=True)
    if on_term == "obey":
        sys.exit(0)
signal.signal(signal.SIGTERM, end)
print(name, "is up", child.pid, flush=True)
open(f"{folder}/{name}", "w").write(str(child.pid))
while True:
    time.sleep(0.1)
"""

SUPERVISOR = """
import sys
from config.embedded.supervisor import Command, supervise
script, folder, grace, *behaviours = sys.argv[1:]
commands = [Command(f"p{i}", [sys.executable, script, f"p{i}", folder, b]) for i, b in enumerate(behaviours)]
sys.exit(supervise(commands, {}, float(grace)))
"""


def start(
    folder: Path, *behaviours: str, grace_seconds: float = 20
) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """Start a supervisor over stand-ins; return it and every process under it, once all are up."""
    script = folder / "stand_in.py"
    script.write_text(STAND_IN)
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(script), str(folder), str(grace_seconds), *behaviours],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    expected = [folder / f"p{number}" for number in range(len(behaviours))]
    deadline = time.monotonic() + 20
    while not all(path.exists() and path.read_text() for path in expected):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return supervisor, psutil.Process(supervisor.pid).children(recursive=True)


def assert_all_gone(processes: list[psutil.Process]) -> None:
    deadline = time.monotonic() + 5
    while any(is_alive(process.pid) for process in processes):
        assert time.monotonic() < deadline, processes
        time.sleep(0.05)


@pytest.mark.parametrize("request_to_end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process_and_its_children(tmp_path: Path, request_to_end: signal.Signals):
    supervisor, below = start(tmp_path, "obey", "obey")
    assert len(below) == 4
    os.killpg(supervisor.pid, request_to_end)
    output, _ = supervisor.communicate(timeout=10)
    assert supervisor.returncode == 0
    assert output.count("was asked to end") == 2
    assert_all_gone(below)


def test_the_same_request_arriving_twice_at_once_does_not_cut_the_ending_short(tmp_path: Path):
    supervisor, below = start(tmp_path, "obey", "obey")
    for _ in range(2):
        supervisor.terminate()
    supervisor.communicate(timeout=10)
    assert supervisor.returncode == 0
    assert_all_gone(below)


def test_when_one_process_dies_the_others_are_ended_and_the_exit_code_says_so(tmp_path: Path):
    supervisor, below = start(tmp_path, "obey", "obey")
    next(process for process in below if "p0" in process.cmdline()).kill()
    output, _ = supervisor.communicate(timeout=10)
    assert supervisor.returncode == 1
    assert "p0 ended of itself" in output
    assert_all_gone(below)


def test_a_process_that_does_not_end_is_killed_with_its_children_after_the_grace(tmp_path: Path):
    supervisor, below = start(tmp_path, "obey", "ignore", grace_seconds=0.5)
    supervisor.terminate()
    supervisor.communicate(timeout=10)
    assert supervisor.returncode == 1
    assert_all_gone(below)


def test_asking_again_later_kills_at_once(tmp_path: Path):
    supervisor, below = start(tmp_path, "ignore", grace_seconds=600)
    supervisor.terminate()
    time.sleep(1.3)
    supervisor.terminate()
    supervisor.communicate(timeout=10)
    assert_all_gone(below)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_killing_the_supervisor_itself_leaves_no_orphan(tmp_path: Path):
    supervisor, below = start(tmp_path, "obey", "obey")
    supervisor.kill()
    supervisor.communicate(timeout=10)
    assert_all_gone(below)


def test_a_program_that_does_not_exist_leaves_none_of_the_others_running(tmp_path: Path):
    pid_file = tmp_path / "pid"
    code = f"""
from config.embedded.supervisor import Command, supervise
one = Command("one", ["/bin/sh", "-c", "echo $$ >{pid_file}; exec sleep 60"])
supervise([one, Command("two", ["/no/such/program"])], {{}}, 5)
"""
    finished = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, timeout=20)
    assert "FileNotFoundError" in finished.stderr
    assert not pid_file.exists() or not psutil.pid_exists(int(pid_file.read_text()))
