"""docs/models.md and its example say what the code does."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr

from apps.llm.kinds import OWN_SECRETS, PRESETS, Kind
from apps.llm.models import ModelProvider, RegisteredModel
from apps.llm.registry_entries import complaints_about, resolve
from apps.llm.registry_file import _Entry, _Provider, read_models
from apps.llm.registry_rows import FRESH_SECONDS
from apps.llm.research.pages import LONGEST_TEXT
from apps.llm.self_test.grading import GRADE_SECONDS, SLOW_MS, TASKS
from apps.llm.spec import Role
from config.environment import Environment

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "models.md").read_text()
EXAMPLE = DOCS / "models.example.toml"
SAYS = {True: "yes", False: "no"}


def first_cells(*, after: str) -> set[str]:
    """The names in the first column of the first table after a text."""
    rows = re.search(r"\|---.*?\n((?:\|.*\n)+)", PAGE[PAGE.index(after) :])
    assert rows
    return set(re.findall(r"`([^`]+)`", " ".join(row.split("|")[1] for row in rows[1].splitlines())))


@pytest.mark.parametrize("kind", Kind)
def test_the_table_of_kinds_says_what_is_preset(kind: Kind) -> None:
    preset = PRESETS[kind]
    address = f"`{preset.base_url}`" if preset.base_url else "names its own"
    abilities = " | ".join(SAYS[one] for one in (preset.takes_schema, preset.takes_tools, preset.streams))
    assert f"| `{kind}` | {address} | {abilities} |" in PAGE


def test_every_field_of_the_file_is_explained() -> None:
    provider, model = first_cells(after="A **provider** is"), first_cells(after="A **model** of")
    assert provider == set(_Provider.model_fields)
    assert model == set(_Entry.model_fields) - {"base_url", "api_key_variable"}


def test_the_admin_site_has_every_field_of_the_file() -> None:
    rows = {field.name for of in (ModelProvider, RegisteredModel) for field in of._meta.get_fields()}
    assert (set(_Provider.model_fields) | set(_Entry.model_fields)) - rows == {"api_key_variable"}
    assert "key_variable" in rows


def test_roles_and_variables_are_all_there() -> None:
    assert first_cells(after="## Roles") == set(Role)
    variables = {name.upper() for name in Environment.model_fields if name.startswith("web_research")}
    assert first_cells(after="## Web research") == variables
    assert set(get_args(Environment.model_fields["web_research"].annotation)) == {"off", "searxng", "tavily"}


def test_numbers_are_those_of_the_code() -> None:
    assert FRESH_SECONDS == 3
    assert "within three seconds" in PAGE
    assert GRADE_SECONDS == 120
    assert "within two minutes" in PAGE
    assert SLOW_MS == 15_000
    assert "at most 15 seconds" in PAGE
    assert len(TASKS["sql"]) == 5
    assert "five questions" in PAGE
    assert f"at most {LONGEST_TEXT:,} characters" in PAGE


def test_the_example_loads_with_a_provider_of_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in re.findall(r'api_key_variable = "(\w+)"', EXAMPLE.read_text()):
        monkeypatch.setenv(variable, "sk-example")
    entries = read_models(EXAMPLE)
    models = resolve(entries)
    assert complaints_about(entries) == []
    kinds = re.findall(r'^kind = "(\w+)"', EXAMPLE.read_text(), re.MULTILINE)
    assert set(kinds) == set(Kind)
    assert {role for model in models.values() for role in model.roles} == set(Role)
    assert all(model.price_in or not (model.base_url or "").startswith("https") for model in models.values())
    first = models["gpt-4.1"].fallback
    assert first is not None
    assert (first.key, first.api_version) == ("azure-gpt", "2024-10-21")
    assert models["qwen-coder-local"].fallback is None


def test_no_secret_of_the_platform_can_be_named_as_a_models_key() -> None:
    secrets = {
        name.upper() for name, field in Environment.model_fields.items() if SecretStr in get_args(field.annotation)
    }
    lists = {"CREDENTIALS_KEYS", "JWT_SIGNING_KEYS"}
    assert (secrets | lists) - {"MODEL_API_KEY", "EMBEDDING_API_KEY"} == OWN_SECRETS
