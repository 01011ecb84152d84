"""Which models there are: that of the environment, those of a file, and the words for one that there is not."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from apps.common.errors import InvalidInput
from apps.llm.registry import all_models, default_model, find_model, models_for
from apps.llm.registry_file import RegistryBroken

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


BROKEN = {
    "no TOML": ("[[models", "no TOML"),
    "an unknown field": ('[[models]]\nkey = "a"\nprise = 1\n', r"models\.0\.prise"),
    "a negative price": ('[[models]]\nkey = "a"\nprice_in = -1\n', r"models\.0\.price_in"),
    "an unknown role": ('[[models]]\nkey = "a"\nroles = ["boss"]\n', r"models\.0\.roles"),
    "no key": ("[[models]]\n", r"models\.0\.key"),
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
