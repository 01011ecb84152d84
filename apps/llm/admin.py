"""Models in the admin site: the registry, which operators alone keep, their self-tests, and the calls made."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from apps.accounts.admin.acting import actor
from apps.common.admin import ReadOnlyAdmin
from apps.llm.forms import ProviderForm, RegisteredModelForm
from apps.llm.models import ModelCall, ModelExchange, ModelGrade, ModelProvider, RegisteredModel
from apps.llm.registry_writes import ask_for_grade, delete_from_registry, save_model, save_provider


class OperatorsOnly:
    """Where prompts go and what they cost is the word of those who operate the installation: superusers."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    has_add_permission = has_module_permission
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission


class RegistryAdmin(OperatorsOnly, ModelAdmin):
    """What a provider's page and a model's share."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_from_registry(obj, actor=actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            delete_from_registry(row, actor=actor(request))


@admin.register(ModelProvider)
class ModelProviderAdmin(RegistryAdmin):
    form = ProviderForm
    fields = (
        "key", "kind", "base_url", "api_version", "key_variable", "new_key", "forget_key", "calls_at_once", "is_active",
    )  # fmt: skip
    list_display = ("key", "kind", "base_url", "calls_at_once", "key_set_at", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("key",)

    def save_model(self, request: HttpRequest, obj: ModelProvider, form: Any, change: bool) -> None:
        given = form.cleaned_data
        save_provider(
            obj, new_key=given["new_key"], forget_key=given["forget_key"], changed=sorted(form.changed_data),
            actor=actor(request),
        )  # fmt: skip


@admin.register(RegisteredModel)
class RegisteredModelAdmin(RegistryAdmin):
    form = RegisteredModelForm
    list_display = ("key", "provider", "shown_roles", "order", "prices", "window_tokens", "is_active")
    list_filter = ("provider", "is_active")
    list_select_related = ("provider",)
    search_fields = ("key", "name", "note")
    readonly_fields = ("last_test",)
    actions = ("test",)

    @admin.display(description="Roles")
    def shown_roles(self, model: RegisteredModel) -> str:
        return ", ".join(model.roles) or "whatever no other model is made for"

    @admin.display(description="USD in, out", ordering="price_in")
    def prices(self, model: RegisteredModel) -> str:
        return f"{model.price_in.normalize():f}, {model.price_out.normalize():f}"

    @admin.display(description="Last test")
    def last_test(self, model: RegisteredModel) -> SafeString | str:
        last = ModelGrade.objects.filter(model=model.key).first()
        return told(last) if last else "Choose it in the list, and “Test the chosen models”."

    def save_model(self, request: HttpRequest, obj: RegisteredModel, form: Any, change: bool) -> None:
        save_model(obj, changed=sorted(form.changed_data), actor=actor(request))

    @admin.action(description="Test the chosen models")
    def test(self, request: HttpRequest, chosen: QuerySet[RegisteredModel]) -> None:
        for model in chosen:
            ask_for_grade(model.key, actor=actor(request))
        messages.success(request, "A worker tests them; what it finds is on their pages and among the model grades.")


@admin.register(ModelGrade)
class ModelGradeAdmin(OperatorsOnly, ReadOnlyAdmin):
    """How self-tests went, and what they took."""

    list_display = ("model", "created_at", "summary", "median_ms", "tokens_per_second", "cost_usd")
    list_filter = ("model",)
    exclude = ("marks", "advice")
    readonly_fields = ("findings",)
    has_add_permission = ReadOnlyAdmin.has_add_permission
    has_change_permission = ReadOnlyAdmin.has_change_permission

    def findings(self, grade: ModelGrade) -> SafeString:
        return told(grade)


def told(grade: ModelGrade) -> SafeString:
    """A self-test in lines."""
    marks = [f"{'yes' if mark['passed'] else 'NO'}: {mark['name']}, {mark['said']}" for mark in grade.marks]
    advice = [f"advice: {one}" for one in grade.advice]
    tokens = f"{grade.prompt_tokens} tokens sent, {grade.completion_tokens} answered"
    cost = f"{grade.created_at:%Y-%m-%d %H:%M} UTC; {grade.calls} calls, {tokens}, {grade.cost_usd.normalize():f} USD"
    return format_html_join("", "{}<br>", ((line,) for line in (grade.summary, *marks, *advice, cost)))


@admin.register(ModelCall)
class ModelCallAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "organization",
        "model",
        "purpose",
        "outcome",
        "prompt_tokens",
        "completion_tokens",
        "cost_usd",
    )
    list_filter = ("organization", "model", "outcome")
    list_select_related = ("organization",)
    readonly_fields = ("created_at",)
    search_fields = ("correlation_id",)


@admin.register(ModelExchange)
class ModelExchangeAdmin(ReadOnlyAdmin):
    """That something is kept, not what: owners and admins read it in the trace of the query."""

    list_display = ("created_at", "organization", "call")
    list_filter = ("organization",)
    list_select_related = ("organization", "call")
    fields = ("created_at", "organization", "call")
