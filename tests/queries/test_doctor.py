"""What the doctor says of models: each that a role takes is asked, faults of the registry named, grades on request."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.llm.models import ModelProvider, RegisteredModel
from apps.queries.management.commands import doctor
from tests.llm.conftest import serve  # noqa: F401  (a fixture)
from tests.model_server import ModelServer
from tests.model_server.fixtures import dead_url  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db
Serve = Callable[..., ModelServer]


@pytest.fixture(autouse=True)
def _no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "check_workers", lambda: "not looked at here")


def register(key: str, url: str, *roles: str, **fields: Any) -> None:
    provider, _ = ModelProvider.objects.get_or_create(key=f"at-{key}", base_url=url)
    RegisteredModel.objects.create(key=key, provider=provider, roles=list(roles), **fields)


def of_models() -> dict[str, tuple[bool, str]]:
    return {one.what: (one.ok, one.said) for one in doctor.examine() if one.what.startswith("model")}


def test_without_a_model_all_is_well() -> None:
    assert of_models() == {"models": (True, "none configured; the built-in engine answers")}


def test_every_model_that_a_role_takes_is_asked_once(serve: Serve, dead_url: str) -> None:  # noqa: F811
    good, vectors = serve({"content": "ok"}), serve({"embeds": True})
    register("good", good.url, "reasoning", "fast")
    register("dead", dead_url, "implementation")
    register("spare", good.url)
    register("vectors", vectors.url, "embedding")
    found = of_models()
    assert {what: ok for what, (ok, _) in found.items()} == {
        "model good (reasoning, fast)": True, "model dead (implementation)": False, "model vectors (embedding)": True,
    }  # fmt: skip
    assert found["model dead (implementation)"][1] == "The model's endpoint cannot be reached."
    assert (len(good.received), len(vectors.received)) == (1, 1)


def test_faults_of_the_registry_are_named(serve: Serve, tmp_path: Path, settings: Any) -> None:  # noqa: F811
    broken = tmp_path / "tokenizer.json"
    broken.write_text("{}")
    register("good", serve({"content": "ok"}).url, tokenizer=str(broken), fallback="gone")
    said = [one.said for one in doctor.examine() if one.what == "models"]
    assert said == [
        "good: its fallback gone is no model that answers questions; none is used.",
        f"The tokenizer file {broken} is no tokenizer.json. Tokens are bounded instead.",
    ]
    settings.PARLEY = settings.PARLEY.model_copy(update={"models_file": tmp_path / "nowhere.toml"})
    assert of_models() == {"models": (False, "The file that MODELS_FILE names cannot be read.")}


def test_grades_are_printed_with_what_they_cost_and_a_poor_one_fails(serve: Serve) -> None:  # noqa: F811
    register("good", serve({"content": "ok"}).url, price_in=2, price_out=10)
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", "--grade", "good", stdout=said)
    assert "yes  answers: in " in said.getvalue()
    assert "advice: set takes_schema = false" in said.getvalue()
    assert "12 calls, 1200 tokens sent, 240 answered, 0.0048 USD at its prices" in said.getvalue()


def test_a_grade_of_an_unknown_model_names_those_there_are(dead_url: str) -> None:  # noqa: F811
    register("dead", dead_url)
    with pytest.raises(CommandError, match=r"There are: dead\."):
        call_command("doctor", "--grade", "gone")
