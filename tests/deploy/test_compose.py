"""The Compose file: what its schema cannot tell."""

import re

import pytest
import yaml

from config.embedded.places import CHECKOUT
from config.embedded.processes import platform_commands
from config.environment import Environment

COMPOSE = yaml.safe_load((CHECKOUT / "deploy" / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "env_file" in service]


def test_the_processes_are_those_of_make_run_and_a_migration():
    assert sorted(OURS) == sorted(["migrate", *(command.name for command in platform_commands(8000))])


@pytest.mark.parametrize("name", ["worker", "models", "upkeep", "evaluations", "scheduler"])
def test_a_process_has_the_options_of_make_run(name: str):
    [local] = [command for command in platform_commands(8000) if command.name == name]
    schedule = str(CHECKOUT / "var" / "scheduler")
    expected = ["/tmp/scheduler" if argument == schedule else argument for argument in list(local.arguments)[1:]]
    assert SERVICES[name]["command"][1:] == expected


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_limits_and_a_way_to_tell_that_it_is_well(name: str):
    service = SERVICES[name]
    assert {"cpus", "memory", "pids"} <= set(service["deploy"]["resources"]["limits"])
    # The image of web brings its own check; migrate ends.
    assert "healthcheck" in service or name == "web"


@pytest.mark.parametrize("name", OURS)
def test_our_processes_can_change_nothing_and_gain_nothing(name: str):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ulimits"] == {"core": 0}


@pytest.mark.parametrize("name", ["web", "worker", "models", "upkeep", "evaluations", "scheduler"])
def test_nothing_starts_before_the_tables_are_there(name: str):
    assert SERVICES[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_the_services_one_may_have_elsewhere_start_only_when_asked_for_and_open_no_port():
    for name, profile in (("database", "database"), ("cache", "cache")):
        assert SERVICES[name]["profiles"] == [profile]
        assert "ports" not in SERVICES[name]
        assert SERVICES[name]["networks"] == ["back"]
        assert SERVICES["migrate"]["depends_on"][name]["required"] is False
    assert COMPOSE["networks"]["back"]["internal"] is True


def test_images_of_others_are_pinned_to_a_release():
    for name in ("database", "cache"):
        assert re.search(r":\d+\.\d+(\.\d+)?-", SERVICES[name]["image"])


def test_no_secret_has_a_default():
    text = (CHECKOUT / "deploy" / "compose.yaml").read_text()
    for variable, default in re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEY|URL)\w*):-([^}]*)\}", text):
        assert default == "", variable
    known = {name.upper() for name in Environment.model_fields}
    for service in SERVICES.values():
        assert not {name for name in service.get("environment", {}) if name in known}, "settings come from .env alone"
