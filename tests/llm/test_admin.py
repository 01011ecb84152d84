"""The registry in the admin site: operators only, errors at their field, keys that never come out, audited changes."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from apps.accounts.models import AuditEvent, User
from apps.llm.models import ModelGrade, ModelProvider, RegisteredModel
from apps.llm.registry import find_model
from apps.llm.registry_rows import forget_registered_models
from apps.llm.tasks import grade_model_task
from tests.model_server import ModelServer

pytestmark = pytest.mark.django_db
SECRET = "sk-entered-in-the-admin-site"
PROVIDER = {"key": "cloud", "kind": "compatible", "base_url": "https://models.example/v1", "is_active": "on"}
PAGES = ["modelprovider", "registeredmodel", "modelgrade"]


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("operator@parley.example", "x")


@pytest.fixture
def site(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def cloud(site: Client) -> ModelProvider:
    assert site.post(reverse("admin:llm_modelprovider_add"), {**PROVIDER, "new_key": SECRET}).status_code == 302
    return ModelProvider.objects.get()


def model_form(cloud: ModelProvider, **fields: Any) -> dict[str, Any]:
    defaults = {
        "key": "thinker", "provider": cloud.pk, "order": 0, "price_in": "0.27", "price_out": "1.1",
        "window_tokens": 64_000, "takes_schema": "unknown", "takes_tools": "unknown", "streams": "unknown",
        "is_active": "on",
    }  # fmt: skip
    return {**defaults, **fields}


def errors_of(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    found: dict[str, list[str]] = answer.context["adminform"].form.errors
    return found


def test_a_key_that_was_entered_is_used_and_never_shown(site: Client, cloud: ModelProvider) -> None:
    site.post(reverse("admin:llm_registeredmodel_add"), model_form(cloud, roles=["reasoning", "fast"]))
    forget_registered_models()
    assert find_model("thinker").api_key == SECRET
    assert SECRET not in cloud.sealed_key
    change = reverse("admin:llm_modelprovider_change", args=[cloud.pk])
    for page in (change, reverse("admin:llm_modelprovider_changelist")):
        text = site.get(page).content.decode()
        assert SECRET not in text
        assert cloud.sealed_key not in text
    assert "Set on 20" in site.get(change).content.decode()
    events = AuditEvent.objects.filter(action__in=["model_provider.saved", "registered_model.saved"])
    assert events.count() == 2
    assert not any(SECRET in event.record or cloud.sealed_key in event.record for event in events)


def test_another_address_asks_for_the_key_again(site: Client, cloud: ModelProvider) -> None:
    page = reverse("admin:llm_modelprovider_change", args=[cloud.pk])
    elsewhere = {**PROVIDER, "base_url": "https://elsewhere.example/v1"}
    assert "enter the key again" in errors_of(site.post(page, elsewhere))["new_key"][0]
    assert site.post(page, {**PROVIDER, "calls_at_once": 3}).status_code == 302
    assert site.post(page, {**elsewhere, "forget_key": "on"}).status_code == 302
    cloud.refresh_from_db()
    assert (cloud.sealed_key, cloud.key_set_at) == ("", None)


WRONG_PROVIDERS = {
    "an address that is none": ({"base_url": "file:///etc/passwd"}, "base_url", "http"),
    "a metadata service": ({"base_url": "http://169.254.169.254/v1"}, "base_url", "link-local"),
    "the key in clear over the internet": ({"base_url": "http://8.8.8.8/v1"}, "base_url", "https"),
    "no address": ({"base_url": ""}, "base_url", "names its address"),
    "a secret of the platform": ({"key_variable": "SECRET_KEY"}, "key_variable", "secret of the platform"),
    "a variable that is none": ({"key_variable": "A B"}, "key_variable", "letters"),
    "a version that the kind has not": ({"api_version": "2024-10-21"}, "api_version", "Azure"),
    "a key and a variable": ({"key_variable": "CLOUD_KEY", "new_key": "sk"}, "new_key", "one of them"),
    "no calls at all": ({"calls_at_once": 0}, "calls_at_once", "greater than or equal to 1"),
    "a key of capitals": ({"key": "Cloud!"}, "key", "valid value"),
}


@pytest.mark.parametrize(("fields", "field", "said"), WRONG_PROVIDERS.values(), ids=list(WRONG_PROVIDERS))
def test_what_is_wrong_with_a_provider_is_said_at_its_field(
    site: Client, fields: dict[str, Any], field: str, said: str
) -> None:
    found = errors_of(site.post(reverse("admin:llm_modelprovider_add"), {**PROVIDER, **fields}))
    assert list(found) == [field]
    assert said in found[field][0]


WRONG_MODELS = {
    "a window too small": ({"window_tokens": 10}, "window_tokens"),
    "a negative price": ({"price_in": "-1"}, "price_in"),
    "an unknown role": ({"roles": ["boss"]}, "roles"),
    "the word for no fallback": ({"key": "none"}, "key"),
    "a fallback that there is not": ({"fallback": "gone"}, "fallback"),
    "itself as fallback": ({"fallback": "thinker"}, "fallback"),
    "a fallback that only makes vectors": ({"fallback": "vectors"}, "fallback"),
    "fallbacks that go round": ({"fallback": "other"}, "fallback"),
    "a tokenizer that is none": ({"tokenizer": __file__}, "tokenizer"),
}


@pytest.mark.parametrize(("fields", "field"), WRONG_MODELS.values(), ids=list(WRONG_MODELS))
def test_what_is_wrong_with_a_model_is_said_at_its_field(
    site: Client, cloud: ModelProvider, fields: dict[str, Any], field: str
) -> None:
    RegisteredModel.objects.create(key="vectors", provider=cloud, roles=["embedding"])
    RegisteredModel.objects.create(key="other", provider=cloud, fallback="thinker")
    found = errors_of(site.post(reverse("admin:llm_registeredmodel_add"), model_form(cloud, **fields)))
    assert list(found) == [field]


def test_a_model_that_changes_its_name_may_still_be_saved(site: Client, cloud: ModelProvider) -> None:
    other = RegisteredModel.objects.create(key="other", provider=cloud)
    model = RegisteredModel.objects.create(key="thinker", provider=cloud, fallback="other")
    page = reverse("admin:llm_registeredmodel_change", args=[model.pk])
    assert site.post(page, model_form(cloud, key="thinker-2", fallback="other")).status_code == 302
    other.delete()
    forget_registered_models()
    assert "fallback" in errors_of(site.post(page, model_form(cloud, key="thinker-2", fallback="other")))


def test_who_is_staff_but_no_operator_sees_nothing_of_it(cloud: ModelProvider) -> None:
    clerk = User.objects.create_user("clerk@parley.example", "x", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="llm"))
    client = Client()
    client.force_login(clerk)
    for page in PAGES:
        assert client.get(reverse(f"admin:llm_{page}_changelist")).status_code == 403
    assert client.get(reverse("admin:llm_modelprovider_change", args=[cloud.pk])).status_code == 403
    assert client.post(reverse("admin:llm_modelprovider_add"), PROVIDER).status_code == 403


def test_removing_is_audited_and_a_provider_keeps_its_models(site: Client, cloud: ModelProvider) -> None:
    model = RegisteredModel.objects.create(key="thinker", provider=cloud)
    page = reverse("admin:llm_modelprovider_delete", args=[cloud.pk])
    site.post(page, {"post": "yes"})
    assert ModelProvider.objects.exists()
    listed = reverse("admin:llm_registeredmodel_changelist")
    site.post(listed, {"action": "delete_selected", "_selected_action": [model.pk], "post": "yes"})
    site.post(page, {"post": "yes"})
    assert not ModelProvider.objects.exists()
    for action in ("registered_model.deleted", "model_provider.deleted"):
        assert AuditEvent.objects.filter(action=action, actor__isnull=False).count() == 1


def test_the_button_has_a_worker_test_a_model_and_its_page_says_how_it_did(
    site: Client, serve: Callable[..., ModelServer], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    server = serve({"content": "ok <b>and more</b>"})
    local = ModelProvider.objects.create(key="local", base_url=server.url)
    model = RegisteredModel.objects.create(key="thinker", provider=local, price_in=2, price_out=10)
    with django_capture_on_commit_callbacks(execute=True):
        site.post(reverse("admin:llm_registeredmodel_changelist"), {"action": "test", "_selected_action": [model.pk]})
    grade = ModelGrade.objects.get()
    assert grade.finished_at is not None
    assert grade.calls == len(server.received)
    assert grade.cost_usd > 0
    text = site.get(reverse("admin:llm_registeredmodel_change", args=[model.pk])).content.decode()
    assert "yes: answers, in " in text
    assert "advice: set takes_schema = false" in text
    assert f"{grade.calls} calls, {100 * grade.calls} tokens sent, {20 * grade.calls} answered" in text
    assert (
        "there is no JSON in its answer"
        in site.get(reverse("admin:llm_modelgrade_change", args=[grade.pk])).content.decode()
    )
    assert AuditEvent.objects.filter(action="model.tested").count() == 1


def test_a_message_that_comes_twice_tests_once(serve: Callable[..., ModelServer]) -> None:
    server = serve({"content": "ok"})
    local = ModelProvider.objects.create(key="local", base_url=server.url)
    RegisteredModel.objects.create(key="thinker", provider=local)
    grade = ModelGrade.objects.create(model="thinker")
    grade_model_task(str(grade.pk))
    asked = len(server.received)
    grade_model_task(str(grade.pk))
    assert len(server.received) == asked > 0


def test_a_model_that_went_meanwhile_is_said_to_be_gone() -> None:
    grade = ModelGrade.objects.create(model="gone")
    grade_model_task(str(grade.pk))
    grade.refresh_from_db()
    assert grade.summary == "0 of 1"


def test_keys_of_providers_go_under_the_newest_key(cloud: ModelProvider, settings: Any) -> None:
    RegisteredModel.objects.create(key="thinker", provider=cloud)
    newest = Fernet.generate_key().decode()
    settings.CREDENTIALS_KEYS = [newest, *settings.CREDENTIALS_KEYS]
    call_command("rotate_credentials")
    settings.CREDENTIALS_KEYS = [newest]
    forget_registered_models()
    assert find_model("thinker").api_key == SECRET
