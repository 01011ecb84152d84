"""People, organizations and keys in the admin site."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm, MultipleChoiceField, ValidationError
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.accounts.models import ApiKey, AuditEvent, Membership, Organization, User
from apps.accounts.services import SCOPES, create_api_key, revoke_api_key
from apps.common.admin import ReadOnlyAdmin

admin.site.site_header = admin.site.site_title = "Parley"
admin.site.unregister(Group)


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


class EmailCreationForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = EmailCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "password", "name")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "password1", "password2")}),)


@admin.register(Organization)
class OrganizationAdmin(ModelAdmin):
    list_display = ("name", "slug", "clarification_enabled", "created_at")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    list_display = ("user", "organization", "role", "is_active")
    list_filter = ("role", "is_active", "organization")
    search_fields = ("user__email", "organization__name")
    autocomplete_fields = ("user", "organization")
    list_select_related = ("user", "organization")


class ApiKeyForm(ModelForm):  # type: ignore[type-arg]
    scopes = MultipleChoiceField(
        choices=[(one, one) for one in SCOPES], widget=CheckboxSelectMultiple, initial=["ask", "read"]
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
    list_display = ("prefix", "name", "user", "organization", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("organization",)
    list_select_related = ("user", "organization")
    search_fields = ("prefix", "name", "user__email")
    autocomplete_fields = ("user", "organization")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return obj is None

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Make the key by the one function that does, and show its text this once."""
        member = Membership.objects.get(user=obj.user, organization=obj.organization)
        key, secret = create_api_key(membership=member, name=obj.name, scopes=obj.scopes, expires_at=obj.expires_at)
        obj.pk, obj.prefix, obj.key_hash = key.pk, key.prefix, key.key_hash
        messages.warning(request, f"The key is {secret} and is shown only now.")

    @admin.action(description="Revoke the chosen keys")
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
            revoke_api_key(key)
        messages.success(request, "The keys are revoked.")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "organization", "actor", "action", "outcome", "target_type", "number")
    list_filter = ("outcome", "action", "organization")
    list_select_related = ("organization", "actor")
    search_fields = ("action", "correlation_id", "target_id")
