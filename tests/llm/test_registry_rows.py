"""The admin site's models: read where the platform's database is meant to be used, for seconds, holding nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.row_security import across_organizations, no_scope
from apps.common.sealing import seal
from apps.llm import registry_rows
from apps.llm.models import ModelProvider, RegisteredModel
from apps.llm.registry import all_models, default_model, find_model, registry_complaints
from apps.llm.registry_rows import FRESH_SECONDS, forget_registered_models, sealing_purpose
from apps.llm.registry_writes import delete_from_registry, save_model, save_provider
from apps.llm.spec import Role

pytestmark = pytest.mark.django_db
URL = "https://models.example/v1"


def provider(**fields: Any) -> ModelProvider:
    made: ModelProvider = ModelProvider.objects.create(**{"key": "cloud", "base_url": URL, **fields})
    return made


def register(key: str, of: ModelProvider, **fields: Any) -> RegisteredModel:
    made: RegisteredModel = RegisteredModel.objects.create(key=key, provider=of, **fields)
    return made


@pytest.fixture
def environments_model(settings: Any) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"model_name": "small"})


def test_a_row_becomes_a_model_with_its_providers_address_key_and_abilities() -> None:
    cloud = provider(kind="deepseek", calls_at_once=4)
    cloud.sealed_key = seal("sk-sealed", purpose=sealing_purpose(cloud, URL))
    cloud.save()
    register(
        "thinker", cloud, name="thinker-2026", roles=["reasoning"], price_in=Decimal("0.27"), window_tokens=64_000,
        streams=False,
    )  # fmt: skip
    model = find_model("thinker")
    assert (model.endpoint_name, model.base_url, model.api_key, model.provider) == (
        "thinker-2026", URL, "sk-sealed", "cloud",
    )  # fmt: skip
    assert (model.takes_schema, model.takes_tools, model.streams) == (False, True, False)
    assert (model.price_in, model.window_tokens, model.calls_at_once) == (Decimal("0.27"), 64_000, 4)
    assert model.roles == {Role.REASONING}
    assert "sk-sealed" not in repr(model)


def test_the_environments_model_goes_before_rows_and_rows_go_by_order(environments_model: None) -> None:
    cloud = provider()
    register("b", cloud, order=2)
    register("a", cloud, order=3)
    register("first", cloud, order=-1)
    register("small", cloud, order=-2)
    assert list(all_models()) == ["small", "first", "b", "a"]
    assert find_model("small").provider == "api.openai.com"


def test_what_is_inactive_is_not_there() -> None:
    register("asleep", provider(), is_active=False)
    register("of-a-sleeper", provider(key="sleeper", is_active=False))
    assert all_models() == {}


def test_a_key_comes_from_the_variable_named(monkeypatch: pytest.MonkeyPatch) -> None:
    register("thinker", provider(key_variable="CLOUD_KEY"))
    assert registry_complaints() == ["thinker: the environment variable CLOUD_KEY is not set."]
    monkeypatch.setenv("CLOUD_KEY", "sk-cloud")
    forget_registered_models()
    assert find_model("thinker").api_key == "sk-cloud"


def test_a_sealed_key_opens_for_its_own_address_only() -> None:
    cloud = provider()
    cloud.sealed_key = seal("sk-sealed", purpose=sealing_purpose(cloud, URL))
    cloud.base_url = "https://elsewhere.example/v1"
    cloud.save()
    register("thinker", cloud)
    assert find_model("thinker").api_key == ""
    assert registry_complaints() == [
        "thinker: the key of the provider cloud cannot be read; enter it again in the admin site."
    ]


def test_who_entered_no_organization_does_without_the_database(environments_model: None) -> None:
    register("thinker", provider())
    with no_scope(), CaptureQueriesContext(connection) as captured:
        assert list(all_models()) == ["small"]
    assert len(captured) == 0
    assert list(all_models()) == ["small", "thinker"]


def test_rows_are_read_once_in_a_while_and_a_change_elsewhere_is_seen_within_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(registry_rows.time, "monotonic", lambda: now[0])
    cloud = provider()
    with CaptureQueriesContext(connection) as captured:
        for _ in range(20):
            assert default_model() is None
    assert len(captured) == 1
    register("thinker", cloud)  # as another process does it: nobody here is told
    now[0] += FRESH_SECONDS - 0.1
    assert default_model() is None
    now[0] += 0.2
    assert default_model() is not None
    assert FRESH_SECONDS <= 5


def test_a_change_made_here_is_seen_at_once(
    alice: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    assert all_models() == {}
    with django_capture_on_commit_callbacks(execute=True):
        cloud = ModelProvider(key="cloud", base_url=URL)
        save_provider(cloud, new_key="", forget_key=False, changed=[], actor=alice)
        model = save_model(RegisteredModel(key="thinker", provider=cloud), changed=[], actor=alice)
    assert list(all_models()) == ["thinker"]
    with django_capture_on_commit_callbacks(execute=True):
        delete_from_registry(model, actor=alice)
    assert all_models() == {}


@contextmanager
def a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    asked: list[str] = []

    def refuse(execute: Any, sql: str, *_: Any) -> None:
        asked.append(sql)
        raise OperationalError("the connection is closed")

    with connection.execute_wrapper(refuse):
        yield asked


def test_with_the_database_away_the_others_and_those_last_read_are_used(
    environments_model: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_database_that_is_away(monkeypatch) as asked:
        assert list(all_models()) == ["small"]
        assert list(all_models()) == ["small"]
        assert len(asked) == 1  # nor is it asked again at each look
    forget_registered_models()
    register("thinker", provider())
    assert list(all_models()) == ["small", "thinker"]
    registry_rows._Kept.until = 0
    with a_database_that_is_away(monkeypatch):
        assert list(all_models()) == ["small", "thinker"]


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_after_a_look() -> None:
    held: list[Any] = []

    def look() -> None:
        with across_organizations("a test"):
            all_models()
        held.append(connection.connection)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert held == [None]
