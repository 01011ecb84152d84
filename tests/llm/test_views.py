"""`GET models`: every member reads which models and engines there are, and nothing that is the operators'."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rest_framework.test import APIClient

from apps.accounts.models import Organization, User
from apps.datasources.models import DataSource
from apps.llm.gate import Admission, Verdict
from apps.llm.models import ModelProvider, RegisteredModel
from apps.llm.registry import find_model
from apps.llm.services import installation_gate
from apps.llm.shapes import AbilitiesShape, ModelShape, ModelsShape

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
FILE = """
[[providers]]
key = "cellar"
kind = "ollama"
api_key_variable = "CELLAR_KEY"

[[models]]
key = "vectors"
provider = "cellar"
roles = ["embedding"]
price_in = 0.02

[[models]]
key = "tiny"
name = "tiny:2b"
provider = "cellar"
roles = ["fast"]
"""


@pytest.fixture
def models(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the environment, one of the admin site, one inactive, two of a file."""
    monkeypatch.setenv("CELLAR_KEY", "sk-of-the-cellar")
    path = tmp_path / "models.toml"
    path.write_text(FILE)
    values = {
        "model_name": "small", "model_base_url": "http://127.0.0.1:9/v1", "model_api_key": SecretStr("sk-env"),
        "model_price_out": Decimal("1E+1"), "models_file": path,
    }  # fmt: skip
    settings.PARLEY = settings.PARLEY.model_copy(update=values)
    cloud = ModelProvider.objects.create(key="cloud", kind="openai", key_variable="CLOUD_KEY", calls_at_once=3)
    RegisteredModel.objects.create(
        key="thinker", name="thinker-2026", provider=cloud, roles=["reasoning"], price_in=Decimal("0.27"), note="dear"
    )
    RegisteredModel.objects.create(key="asleep", provider=cloud, is_active=False)


def test_every_member_reads_them_and_an_outsider_of_one_reads_the_same(
    models: None, acme: Organization, globex: Organization, alice: User, bob: User, charlie: User, client_of: ClientOf
) -> None:
    answers = [client_of(person).get("/api/v1/models") for person in (alice, bob, charlie)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert APIClient().get("/api/v1/models").status_code == 401


def test_models_are_told_with_prices_defaults_and_abilities(
    models: None, acme: Organization, bob: User, client_of: ClientOf
) -> None:
    told = client_of(bob).get("/api/v1/models").json()
    assert {one["key"]: (one["provider"], one["roles"], one["default_for"]) for one in told["models"]} == {
        "small": (None, [], ["implementation"]),
        "thinker": ("cloud", ["reasoning"], ["reasoning"]),
        "vectors": ("cellar", ["embedding"], ["embedding"]),
        "tiny": ("cellar", ["fast"], ["fast"]),
    }
    assert [(one["price_in_usd"], one["price_out_usd"]) for one in told["models"]] == [
        ("0", "10"), ("0.27", "0"), ("0.02", "0"), ("0", "0"),
    ]  # fmt: skip
    assert told["models"][1]["abilities"] == {"schema": True, "tools": True, "streams": True}
    assert (told["engines"], told["default_engine"]) == (["builtin", "model"], "model")


def test_a_model_whose_provider_is_left_alone_is_told_to_be_away(
    models: None, acme: Organization, bob: User, client_of: ClientOf, settings: Any
) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"model_circuit_open_seconds": 60.0})
    gate, thinker = installation_gate(), find_model("thinker")
    gate.report(thinker, gate.admit(thinker), Verdict.LOCKED_OUT)
    told = client_of(bob).get("/api/v1/models").json()["models"]
    gate.report(thinker, Admission(is_probe=True), Verdict.WORKS)  # Redis outlives the test
    assert [one["key"] for one in told if not one["available"]] == ["thinker"]
    told = client_of(bob).get("/api/v1/models").json()["models"]
    assert all(one["available"] for one in told)


def test_nothing_of_the_operators_is_told(models: None, acme: Organization, bob: User, client_of: ClientOf) -> None:
    text = client_of(bob).get("/api/v1/models").content.decode()
    for secret in ("sk-", "CELLAR_KEY", "CLOUD_KEY", "http", "127.0.0.1", "openai.com", "2026", "tiny:2b", "dear"):
        assert secret not in text


def test_what_goes_out_has_the_documented_shape(
    models: None, acme: Organization, bob: User, client_of: ClientOf
) -> None:
    told = client_of(bob).get("/api/v1/models").json()
    assert set(told) == set(ModelsShape().fields)
    assert set(told["models"][0]) == set(ModelShape().fields)
    assert set(told["models"][0]["abilities"]) == set(AbilitiesShape().fields)


def test_without_a_model_there_is_the_built_in_engine(acme: Organization, bob: User, client_of: ClientOf) -> None:
    told = client_of(bob).get("/api/v1/models").json()
    assert told == {"models": [], "engines": ["builtin"], "default_engine": "builtin"}


@pytest.mark.parametrize("field", ["reasoning_model", "implementation_model"])
@pytest.mark.parametrize("key", ["nonesuch", "asleep", "vectors"])
def test_a_query_that_names_no_such_model_is_told_which_there_are(
    models: None, alice: User, source: DataSource, client_of: ClientOf, field: str, key: str
) -> None:
    body = {"question": "How many orders?", "data_source": source.name, field: key}
    answer = client_of(alice).post("/api/v1/queries", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"] == {
        field: [f"There is no model '{key}'. There are: small, thinker, tiny."]
    }


def test_a_query_may_name_a_model_of_the_admin_site(
    models: None, alice: User, source: DataSource, client_of: ClientOf
) -> None:
    body = {"question": "How many orders?", "data_source": source.name, "reasoning_model": "thinker"}
    assert client_of(alice).post("/api/v1/queries", body, format="json").status_code == 202
