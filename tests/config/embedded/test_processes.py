"""The whole platform, started and ended as `make run` and `make demo` do it."""

import http.client
import json
from urllib.parse import urlsplit

import psutil
import pytest

from config.embedded import processes
from config.embedded.errors import EmbeddedServiceError
from config.embedded.pid_files import is_alive
from config.embedded.processes import running_platform


@pytest.fixture(autouse=True)
def _settings_of_a_developers_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)


def test_the_platform_becomes_ready_and_leaves_nothing_behind():
    with running_platform() as base_url:
        connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=10)
        connection.request("GET", "/api/v1/health/ready")
        assert json.load(connection.getresponse())["status"] == "ok"
        below = [
            process
            for process in psutil.Process().children(recursive=True)
            if any(word in " ".join(process.cmdline()) for word in ("granian", "celery"))
        ]
        assert len(below) >= 4
    assert not any(is_alive(process.pid) for process in below)
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=2).request("GET", "/")


def test_a_platform_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    monkeypatch.setattr(processes, "_READY_TIMEOUT_SECONDS", 60)
    with pytest.raises(EmbeddedServiceError, match=r"(?s)did not become ready.*LOUD"), running_platform():
        pass
