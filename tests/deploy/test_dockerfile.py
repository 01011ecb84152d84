"""The image, without a Docker daemon: its file is read, and its commands are run where they can be."""

import fnmatch
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from config.embedded.places import CHECKOUT
from config.embedded.ports import reserved_port
from config.embedded.processes import platform_commands
from deploy.healthcheck import is_alive

STAND_IN = CHECKOUT / "deploy" / "stand-in-environment"


def instructions() -> dict[str, list[tuple[str, str]]]:
    """Return the instructions of each stage, as keyword and rest."""
    text = (CHECKOUT / "Dockerfile").read_text().replace("\\\n", " ")
    stages: dict[str, list[tuple[str, str]]] = defaultdict(list)
    stage = ""
    for line in text.splitlines():
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "FROM":
            stage = rest.split()[-1]
        if keyword and not keyword.startswith("#"):
            stages[stage].append((keyword, rest.strip()))
    return stages


def copied_from_checkout() -> list[str]:
    """Return every path of the checkout that goes into the image."""
    sources: list[str] = []
    for stage in instructions().values():
        for keyword, rest in stage:
            if keyword == "COPY" and "--from=" not in rest:
                sources += rest.split()[:-1]
    return sources


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which `python` is ours and nothing else is set, as in a container."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return {"PATH": path, "METRICS_FOLDER": str(tmp_path / "metrics"), "HOME": str(tmp_path)}


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Return a folder with what the COPY instructions bring, and nothing else."""
    root = tmp_path / "srv"
    for source in copied_from_checkout():
        if (CHECKOUT / source).is_dir():
            shutil.copytree(CHECKOUT / source, root / source, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (root / source).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / source, root / source)
    return root


def test_what_is_copied_exists_and_is_let_through_to_the_builder():
    lets_through = [line[1:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in copied_from_checkout():
        assert (CHECKOUT / source).exists(), source
        assert any(fnmatch.fnmatch(source, pattern) for pattern in lets_through), source


def test_secrets_and_data_of_a_checkout_do_not_reach_the_builder():
    lines = [line for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    assert not {"!.env", "!var", "!.git", "!.venv"} & set(lines)


def test_the_process_is_not_root_and_cannot_change_its_code():
    runtime = instructions()["runtime"]
    user = next(rest for keyword, rest in runtime if keyword == "USER")
    assert int(user.split(":")[0]) > 0
    last_write = max(index for index, (keyword, _) in enumerate(runtime) if keyword in ("COPY", "RUN"))
    assert last_write < runtime.index(("USER", user))
    assert not any("--chown" in rest for keyword, rest in runtime if keyword == "COPY")


def test_base_images_are_pinned_to_a_release():
    for keyword, rest in (pair for stage in instructions().values() for pair in stage):
        if keyword == "FROM" and ":" in rest:
            assert len(rest.split()[0].partition(":")[2].split("-")[0].split(".")) == 3, rest


def test_no_secret_is_written_into_the_image():
    for stage in instructions().values():
        for keyword, rest in stage:
            if keyword in ("ENV", "ARG"):
                assert not any(word in rest for word in ("SECRET", "PASSWORD", "_KEY", "_URL")), rest


def test_the_image_serves_with_the_options_of_make_run():
    command = json.loads(next(rest for keyword, rest in instructions()["runtime"] if keyword == "CMD"))
    [web] = [process for process in platform_commands(8000) if process.name == "web"]
    here = [argument.replace("127.0.0.1", "0.0.0.0") for argument in list(web.arguments)[1:]]
    assert command[1:] == here


@pytest.mark.skipif(not os.environ.get("CI"), reason="installs everything anew, half a minute; CI does")
def test_the_build_stage_installs_wheels_only(tmp_path: Path):
    for keyword, rest in instructions()["build"]:
        if keyword == "RUN":
            line = rest.replace("/opt/venv", shlex.quote(str(tmp_path / "venv")))
            line = line.replace("/tmp/base.txt", shlex.quote(str(CHECKOUT / "requirements" / "base.txt")))
            subprocess.run(["/bin/sh", "-ec", line], check=True, timeout=600)
    subprocess.run([tmp_path / "venv" / "bin" / "python", "-c", "import django, granian, celery"], check=True)


def test_the_static_stage_collects_files_with_nothing_but_what_is_copied(image: Path, environment: dict[str, str]):
    [line] = [rest for keyword, rest in instructions()["static"] if keyword == "RUN"]
    subprocess.run(["/bin/sh", "-ec", line], cwd=image, env=environment, check=True, timeout=120)
    assert (image / "staticfiles" / "staticfiles.json").is_file()


def test_the_web_process_comes_alive_by_its_health_check_and_ends_when_told(image: Path, environment: dict[str, str]):
    command = json.loads(next(rest for keyword, rest in instructions()["runtime"] if keyword == "CMD"))
    with reserved_port() as port:
        command[command.index("--host") + 1] = "127.0.0.1"
        command[command.index("--port") + 1] = str(port)
        process = subprocess.Popen([STAND_IN, *command], cwd=image, env=environment, start_new_session=True)
        try:
            deadline = time.monotonic() + 60
            while not is_alive(port, "parley.example"):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
            assert not is_alive(port, "elsewhere.example")
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=40) == 0
