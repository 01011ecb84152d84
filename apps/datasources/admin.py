"""Data sources and their schemas in the admin site."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminPasswordWidget

from apps.accounts.audit import record_audit
from apps.accounts.models import User
from apps.common.admin import ReadOnlyAdmin, ReadOnlyInline
from apps.common.errors import AppError
from apps.datasources.credentials import encrypt
from apps.datasources.locations import check_location
from apps.datasources.models import AccessPolicy, DataSource, SchemaColumn, SchemaTable
from apps.datasources.roles import look_before_saving
from apps.datasources.services import LOCATION, check_change, sync_data_source, test_data_source
from apps.datasources.source_functions import allow_functions, checked_functions


class DataSourceForm(forms.ModelForm):  # type: ignore[type-arg]
    password = forms.CharField(
        required=False, strip=False, widget=UnfoldAdminPasswordWidget, help_text="Empty keeps the stored one."
    )

    class Meta:
        model = DataSource
        fields = (
            "organization", "name", "label", "description", "kind", "host", "port", "database", "username", "password",
            "options", "allowed_functions", "is_active", "clarification_enabled", "answer_threshold",
            "result_cache_seconds", "privacy_level",
        )  # fmt: skip

    def clean_allowed_functions(self) -> list[str]:
        names = self.cleaned_data["allowed_functions"] or []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise forms.ValidationError("Write a list of names.")
        try:
            return checked_functions(names, self.cleaned_data.get("kind") or self.instance.kind)
        except AppError as error:
            raise forms.ValidationError(error.message) from error

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and self.instance.pk and not self.instance._state.adding:
            self._check_change(given)
        if not self.errors and {*self.changed_data} & {*LOCATION, "password"}:
            self._look(given)
        return given

    def _check_change(self, given: dict[str, Any]) -> None:
        """Whatever a higher app has against the change, in its words."""
        try:
            check_change(self.instance, {name: given[name] for name in self.changed_data if name in given}, None)
        except AppError as error:
            raise forms.ValidationError(error.message) from error

    def _look(self, given: dict[str, Any]) -> None:
        """What `services` looks at before it saves, with the form's words for what is wrong."""
        source = self.instance
        for name, value in given.items():
            if name != "password":
                setattr(source, name, value)
        if given.get("password"):
            source.credentials = encrypt(given["password"], source)
        try:
            check_location(source)
            look_before_saving(source, None)
        except AppError as error:
            raise forms.ValidationError(error.message) from error


@admin.register(DataSource)
class DataSourceAdmin(ModelAdmin):
    form = DataSourceForm
    list_display = ("name", "organization", "kind", "is_active", "synced_at", "sync_error")
    list_filter = ("organization", "kind", "is_active")
    list_select_related = ("organization",)
    search_fields = ("name", "label")
    readonly_fields = ("write_override", "writes", "role_checked_at", "schema_version", "synced_at", "sync_error")
    actions = ("test", "sync")

    def get_readonly_fields(self, request: HttpRequest, obj: DataSource | None = None) -> tuple[str, ...]:
        """Credentials are bound to their organization, so a source stays where it is."""
        return (*self.readonly_fields, "organization") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: DataSource, form: Any, change: bool) -> None:
        names = form.cleaned_data["allowed_functions"]
        obj.allowed_functions = form.initial.get("allowed_functions") or []
        super().save_model(request, obj, form, change)
        actor = cast(User, request.user)
        record_audit(
            "data_source.saved",
            organization=obj.organization,
            actor=actor,
            target=obj,
            name=obj.name,
            kind=obj.kind,
            changed=sorted(form.changed_data),
        )
        allow_functions(obj, names, actor=actor)

    @admin.action(description="Test the connection")
    def test(self, request: HttpRequest, sources: QuerySet[DataSource]) -> None:
        for source in sources:
            told = test_data_source(source)
            messages.add_message(
                request, messages.SUCCESS if told["ok"] else messages.ERROR, f"{source}: {told['message']}"
            )

    @admin.action(description="Read the schema anew")
    def sync(self, request: HttpRequest, sources: QuerySet[DataSource]) -> None:
        for source in sources:
            try:
                sync_data_source(source)
                messages.success(request, f"{source}: read.")
            except AppError as error:
                messages.error(request, f"{source}: {error.message}")


class SchemaColumnInline(ReadOnlyInline):
    model = SchemaColumn
    fields = ("name", "type", "native_type", "nullable", "comment")


@admin.register(SchemaTable)
class SchemaTableAdmin(ReadOnlyAdmin):
    list_display = ("name", "namespace", "data_source", "organization", "row_count")
    list_filter = ("organization", "data_source")
    list_select_related = ("data_source", "organization")
    search_fields = ("name", "comment")
    inlines = (SchemaColumnInline,)


@admin.register(SchemaColumn)
class SchemaColumnAdmin(ReadOnlyAdmin):
    list_display = ("name", "table", "type", "nullable")
    list_select_related = ("table",)
    search_fields = ("name", "comment")


@admin.register(AccessPolicy)
class AccessPolicyAdmin(ReadOnlyAdmin):
    """What policies say; they are changed over the API, which checks them against the source's schema."""

    list_display = ("data_source", "role", "membership", "organization", "updated_at")
    list_filter = ("organization", "role")
    list_select_related = ("data_source", "membership__user", "membership__organization", "organization")
