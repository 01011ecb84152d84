"""API keys: made, rotated and revoked by the functions that do so everywhere."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm, MultipleChoiceField, ValidationError
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from apps.accounts.admin.acting import actor, show_once
from apps.accounts.models import ApiKey, Membership
from apps.accounts.services.api_keys import SCOPES, create_api_key, revoke_api_key, rotate_api_key
from apps.common.errors import AppError


class ApiKeyForm(ModelForm):  # type: ignore[type-arg]
    scopes = MultipleChoiceField(
        choices=[(one, one) for one in SCOPES], widget=CheckboxSelectMultiple, initial=["read"]
    )

    class Meta:
        model = ApiKey
        fields = ("organization", "user", "name", "scopes", "expires_at")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        members = Membership.objects.filter(
            user=given.get("user"), organization=given.get("organization"), is_active=True
        )
        if given.get("user") and given.get("organization") and not members.exists():
            raise ValidationError({"user": "This person is no active member of the organization."})
        return given


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    form = ApiKeyForm
    list_display = ("shown", "name", "user", "organization", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("organization",)
    list_select_related = ("user", "organization")
    search_fields = ("prefix", "name", "user__email")
    autocomplete_fields = ("user", "organization")
    actions = ("revoke", "rotate")

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return obj is None

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Make the key by the one function that does, and show its text this once."""
        member = Membership.objects.get(user=obj.user, organization=obj.organization)
        key, secret = create_api_key(
            membership=member, name=obj.name, scopes=obj.scopes, expires_at=obj.expires_at, actor=actor(request)
        )
        obj.pk, obj.prefix, obj.last_chars, obj.key_hash = key.pk, key.prefix, key.last_chars, key.key_hash
        show_once(request, secret)

    @admin.action(description="Revoke the chosen keys")
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
            revoke_api_key(key, actor=actor(request))
        messages.success(request, "The keys are revoked.")

    @admin.action(description="Rotate the chosen keys, with an hour's overlap")
    def rotate(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys.select_related("user", "organization"):
            try:
                _, secret = rotate_api_key(key, overlap=timedelta(hours=1), actor=actor(request))
                show_once(request, secret)
            except AppError as error:
                messages.error(request, f"{key}: {error.message}")
