"""Which models there are: that of the environment, those of a file, and the words for one that there is not."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from apps.common.errors import InvalidInput
from apps.llm.registry import (
    all_models,
    default_engine,
    default_model,
    defaults_by_role,
    embedding_model,
    find_model,
    models_for,
    registry_complaints,
)
from apps.llm.registry_file import RegistryBroken
from apps.llm.spec import Role

FILE = """
[[models]]
key = "thinker"
name = "thinker-large-2026"
base_url = "http://127.0.0.1:9/v1"
api_key_variable = "THINKER_KEY"
price_in = 0.27
price_out = "1.10"
window_tokens = 64000
roles = ["reasoning"]

[[models]]
key = "local"
takes_schema = false
"""


@pytest.fixture
def configure(settings: Any, tmp_path: Path) -> Any:
    def now(*, name: str | None = None, file: str | None = None) -> None:
        path = tmp_path / "models.toml"
        if file is not None:
            path.write_text(file)
        values = {
            "model_name": name, "model_base_url": "http://127.0.0.1:9/v1", "model_api_key": SecretStr("sk-env"),
            "models_file": path if file is not None else None,
        }  # fmt: skip
        settings.PARLEY = settings.PARLEY.model_copy(update=values)

    return now


def test_without_a_model_there_is_none(configure: Any) -> None:
    configure()
    assert default_model() is None
    assert models_for() is None
    with pytest.raises(InvalidInput, match="None is configured"):
        find_model("thinker")


def test_the_environments_model_is_the_default(configure: Any) -> None:
    configure(name="small", file=FILE)
    assert list(all_models()) == ["small", "thinker", "local"]
    model = default_model()
    assert model is not None
    assert (model.key, model.api_key) == ("small", "sk-env")
    assert "sk-env" not in repr(model)


def test_a_file_describes_further_models(configure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINKER_KEY", "sk-thinker")
    configure(file=FILE)
    thinker = find_model("thinker")
    assert (thinker.endpoint_name, thinker.api_key, thinker.window_tokens) == (
        "thinker-large-2026",
        "sk-thinker",
        64_000,
    )
    assert thinker.cost(prompt_tokens=1_000, completion_tokens=1) == Decimal("0.0002711")
    assert not find_model("local").takes_schema


def test_an_unknown_model_is_refused_with_the_keys_there_are(configure: Any) -> None:
    configure(name="small", file=FILE)
    with pytest.raises(InvalidInput, match=r"no model 'huge'. There are: small, thinker, local\."):
        find_model("huge")


def test_each_role_takes_the_model_named_then_the_one_made_for_it_then_the_default(configure: Any) -> None:
    configure(name="small", file=FILE)
    chosen = models_for()
    assert chosen is not None
    assert (chosen.reasoning.key, chosen.implementation.key) == ("thinker", "small")
    chosen = models_for(reasoning="small", implementation="local")
    assert chosen is not None
    assert (chosen.reasoning.key, chosen.implementation.key) == ("small", "local")


def test_a_file_that_changes_is_read_again(configure: Any) -> None:
    configure(file=FILE)
    assert "local" in all_models()
    configure(file='[[models]]\nkey = "another-one"\n')
    assert list(all_models()) == ["another-one"]


PROVIDERS = """
[[providers]]
key = "cloud"
kind = "azure"
base_url = "https://acme.openai.azure.example"
api_key_variable = "CLOUD_KEY"
api_version = "2024-10-21"
calls_at_once = 8
"""
OF_PROVIDERS = (
    PROVIDERS
    + """
[[providers]]
key = "cellar"
kind = "ollama"

[[models]]
key = "thinker"
name = "deployment-4"
provider = "cloud"
roles = ["reasoning"]
fallback = "local"

[[models]]
key = "local"
provider = "cellar"
takes_tools = true
roles = ["fast"]
tokenizer = "local/tokenizer.json"

[[models]]
key = "vectors"
provider = "cellar"
roles = ["embedding"]
"""
)


def test_models_of_a_provider_have_its_address_its_key_and_its_kinds_abilities(
    configure: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLOUD_KEY", "sk-cloud")
    configure(file=OF_PROVIDERS)
    thinker, local = find_model("thinker"), find_model("local")
    assert (thinker.base_url, thinker.api_key, thinker.api_version, thinker.calls_at_once, thinker.provider) == (
        "https://acme.openai.azure.example", "sk-cloud", "2024-10-21", 8, "cloud",
    )  # fmt: skip
    assert (thinker.takes_schema, thinker.takes_tools, thinker.streams) == (True, True, True)
    assert (local.base_url, local.provider, local.takes_tools) == ("http://127.0.0.1:11434/v1", "cellar", True)
    assert local.tokenizer == str(tmp_path / "local/tokenizer.json")
    assert thinker.fallback == local


def test_small_steps_go_to_the_fast_model_unless_the_query_names_who_carries_it_out(configure: Any) -> None:
    configure(file=OF_PROVIDERS)
    chosen, named = models_for(), models_for(implementation="thinker")
    assert chosen is not None
    assert named is not None
    assert (chosen.small.key, named.small.key) == ("local", "thinker")


def test_a_model_that_only_makes_vectors_is_asked_no_question(configure: Any) -> None:
    configure(file=OF_PROVIDERS)
    with pytest.raises(InvalidInput, match=r"There are: thinker, local\."):
        find_model("vectors")
    vectors = embedding_model()
    assert vectors is not None
    assert (vectors.key, vectors.base_url) == ("vectors", "http://127.0.0.1:11434/v1")
    assert {role: model.key for role, model in defaults_by_role().items()} == {
        Role.REASONING: "thinker", Role.IMPLEMENTATION: "thinker", Role.FAST: "local", Role.EMBEDDING: "vectors",
    }  # fmt: skip
    configure(file='[[models]]\nkey = "vectors"\nroles = ["embedding"]\n')
    assert default_model() is None
    assert models_for() is None
    assert default_engine() == "builtin"
    assert list(defaults_by_role()) == [Role.EMBEDDING]


def test_the_environments_embedding_model_goes_before_the_registrys(configure: Any, settings: Any) -> None:
    configure(file=OF_PROVIDERS)
    settings.PARLEY = settings.PARLEY.model_copy(update={"embedding_model": "tiny"})
    vectors = embedding_model()
    assert vectors is not None
    assert (vectors.key, vectors.provider) == ("tiny", "127.0.0.1:9")


def test_what_an_operator_should_mend_is_said(configure: Any, tmp_path: Path) -> None:
    configure(name="local", file=OF_PROVIDERS)
    assert registry_complaints() == [
        "thinker: the environment variable CLOUD_KEY is not set.",
        "local: described by the environment and by the file of models; the environment holds.",
        f"The tokenizer file {tmp_path / 'local/tokenizer.json'} cannot be read. Tokens are bounded instead.",
    ]


BROKEN = {
    "no TOML": ("[[models", "no TOML"),
    "an unknown field": ('[[models]]\nkey = "a"\nprise = 1\n', r"models\.0\.prise"),
    "a negative price": ('[[models]]\nkey = "a"\nprice_in = -1\n', r"models\.0\.price_in"),
    "an unknown role": ('[[models]]\nkey = "a"\nroles = ["boss"]\n', r"models\.0\.roles"),
    "no key": ("[[models]]\n", r"models\.0\.key"),
    "a secret of ours as a key": (
        '[[models]]\nkey = "a"\napi_key_variable = "database_url"\n',
        r"models\.0\.api_key_variable.*secret of the platform",
    ),
    "a provider that there is not": ('[[models]]\nkey = "a"\nprovider = "x"\n', "provider 'x', which there is not"),
    "a provider and an address": (
        PROVIDERS + '[[models]]\nkey = "a"\nprovider = "cloud"\nbase_url = "https://x.example"\n',
        r"models\.0",
    ),
    "two providers of one key": (PROVIDERS + PROVIDERS + '[[models]]\nkey = "a"\n', "two providers"),
    "an unknown kind": ('[[providers]]\nkey = "a"\nkind = "x"\n[[models]]\nkey = "a"\n', r"providers\.0\.kind"),
    "a provider without an address": (
        '[[providers]]\nkey = "a"\nkind = "azure"\n[[models]]\nkey = "a"\n',
        r"providers\.0: .*names its address",
    ),
    "a version of the API of others": (
        '[[providers]]\nkey = "a"\nkind = "openai"\napi_version = "1"\n[[models]]\nkey = "a"\n',
        r"providers\.0: .*only Azure",
    ),
    "a metadata service": (
        '[[providers]]\nkey = "a"\nbase_url = "http://169.254.169.254/v1"\n[[models]]\nkey = "a"\n',
        r"providers\.0\.base_url",
    ),
    "fallbacks that go round": (
        '[[models]]\nkey = "a"\nfallback = "b"\n[[models]]\nkey = "b"\nfallback = "a"\n',
        "a → b → a",
    ),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_refused_naming_the_place(text: str, said: str, configure: Any) -> None:
    configure(file=text)
    with pytest.raises(RegistryBroken, match=said):
        all_models()


def test_a_missing_file_is_said_to_be_missing(settings: Any, tmp_path: Path) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"models_file": tmp_path / "nowhere.toml"})
    with pytest.raises(RegistryBroken, match="cannot be read"):
        all_models()
