"""Which commands get embedded services, and which of the two."""

from collections.abc import Collection

import pytest

from config.embedded import commands

Calls = list[list[str]]


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Calls:
    """Note what would be started, with no address in the environment."""
    calls: Calls = []

    def note(services: Collection[str]) -> bool:
        calls.append(list(services))
        return True

    monkeypatch.setattr(commands, "ensure_running", note)
    monkeypatch.setattr(commands, "CHECKOUT", tmp_path)
    for variable in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(variable, raising=False)
    return calls


@pytest.mark.parametrize(
    "line", ["migrate", "ask --source sample hello", "evaluate --source sample", "check_sql --source=sample", "doctor"]
)
def test_commands_that_use_our_database_get_both_services(asked_for: Calls, line: str):
    commands.ensure_services_for(["manage.py", *line.split()])
    assert asked_for == [["postgres", "redis"]]


@pytest.mark.parametrize(
    "line",
    ["", "--version", "help", "migrate --help", "evaluate folder", "check_sql", "collectstatic"],
)
def test_commands_that_need_no_database_start_nothing(asked_for: Calls, line: str):
    commands.ensure_services_for(["manage.py", *line.split()])
    assert asked_for == []


def test_an_address_in_the_environment_replaces_its_service(asked_for: Calls, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/parley")
    commands.ensure_services_for(["manage.py", "migrate"])
    assert asked_for == [["redis"]]


def test_an_address_in_the_env_file_replaces_its_service_too(asked_for: Calls, tmp_path):
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://elsewhere/parley\nREDIS_URL=redis://elsewhere\n")
    commands.ensure_services_for(["manage.py", "migrate"])
    assert asked_for == []
