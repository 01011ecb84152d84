"""People, organizations and keys in the admin site."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm, MultipleChoiceField, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.accounts.audit import record_audit
from apps.accounts.models import (
    ApiKey,
    AuditEvent,
    ExternalIdentity,
    Invitation,
    Membership,
    Organization,
    RecoveryCode,
    SecondFactor,
    TokenFamily,
    User,
)
from apps.accounts.principal import Principal
from apps.accounts.services.api_keys import SCOPES, create_api_key, revoke_api_key, rotate_api_key
from apps.accounts.services.members import owner_kept
from apps.accounts.services.second_factor import drop_second_factor
from apps.accounts.services.sign_out import end_all_sign_ins
from apps.common.admin import ReadOnlyAdmin, ReadOnlyInline
from apps.common.errors import AppError

admin.site.site_header = admin.site.site_title = "Parley"
admin.site.unregister(Group)


class MembershipInline(ReadOnlyInline):
    model = Membership
    fields = ("user", "role", "is_active")
    show_change_link = True  # changed on its own page, where an owner is kept


class PasswordForm(AdminPasswordChangeForm):
    """Sets somebody's password and ends their sign-ins."""

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit)
        end_all_sign_ins(user)
        record_audit("password.set", target=user)
        return user


class EmailCreationForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = EmailCreationForm
    change_password_form = PasswordForm
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined", "email_verified_at")
    filter_horizontal = ()
    actions = ("sign_out", "reset_second_factor")
    fieldsets = (
        (None, {"fields": ("email", "password", "name")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined", "email_verified_at")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        names = [name for name in form.changed_data if not name.startswith("password")]
        record_audit("user.changed" if change else "user.created", actor=actor(request), target=obj, fields=names)

    @admin.action(description="Sign out everywhere")
    def sign_out(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            end_all_sign_ins(user)
            record_audit("sign_in.ended_everywhere", actor=actor(request), target=user)
        messages.success(request, "They are signed out everywhere.")

    @admin.action(description="Reset the second factor")
    def reset_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            drop_second_factor(user)
            end_all_sign_ins(user)
            record_audit("second_factor.reset", actor=actor(request), target=user)
        messages.success(request, "They are signed out, and set up a new second factor.")


@admin.register(Organization)
class OrganizationAdmin(ModelAdmin):
    list_display = ("name", "slug", "is_active", "requires_second_factor", "created_at")
    list_filter = ("is_active",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "organization.changed" if change else "organization.created"
        record_audit(action, organization=obj, actor=actor(request), target=obj, fields=form.changed_data)


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    list_display = ("user", "organization", "role", "is_active")
    list_filter = ("role", "is_active", "organization")
    search_fields = ("user__email", "organization__name")
    autocomplete_fields = ("user", "organization")
    list_select_related = ("user", "organization")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return ("user", "organization") if obj else ()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return told(request, lambda: super(MembershipAdmin, self).changeform_view(request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return told(request, lambda: super(MembershipAdmin, self).delete_view(request, *args, **kwargs))

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        if not change and not Membership.objects.for_org(obj.organization).exists():
            super().save_model(request, obj, form, change)  # the first owner of a new organization
        else:
            with owner_kept(obj.organization):
                super().save_model(request, obj, form, change)
        action = "member.changed" if change else "member.added"
        record_audit(action, organization=obj.organization, actor=actor(request), target=obj, role=obj.role)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        with owner_kept(obj.organization):
            record_audit("member.removed", organization=obj.organization, actor=actor(request), target=obj)
            super().delete_model(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return obj is not None and super().has_delete_permission(request, obj)  # one by one: an owner is kept


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
    list_display = ("prefix", "name", "user", "organization", "created_at", "expires_at", "last_used_at", "revoked_at")
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
        key, secret = create_api_key(membership=member, name=obj.name, scopes=obj.scopes, expires_at=obj.expires_at)
        obj.pk, obj.prefix, obj.key_hash = key.pk, key.prefix, key.key_hash
        show_once(request, secret)

    @admin.action(description="Revoke the chosen keys")
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
            revoke_api_key(key, actor=actor(request))
        messages.success(request, "The keys are revoked.")

    @admin.action(description="Rotate the chosen keys, with an hour's overlap")
    def rotate(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys.select_related("user", "organization"):
            member = Membership.objects.for_org(key.organization).filter(user=key.user).first()
            if member is None:
                messages.error(request, f"{key}: its owner is no longer a member.")
                continue
            try:
                _, secret = rotate_api_key(key, by=Principal(member), overlap=timedelta(hours=1))
                show_once(request, secret)
            except AppError as error:
                messages.error(request, f"{key}: {error.message}")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("email", "organization", "role", "state", "invited_by", "expires_at")
    list_filter = ("organization",)
    list_select_related = ("organization", "invited_by")
    search_fields = ("email",)
    exclude = ("token_hash",)


@admin.register(TokenFamily)
class TokenFamilyAdmin(ReadOnlyAdmin):
    list_display = ("user", "created_at", "rotated_at", "expires_at", "revoked_at", "revoked_for")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("current_token", "previous_token")


@admin.register(ExternalIdentity)
class ExternalIdentityAdmin(ReadOnlyAdmin):
    list_display = ("user", "issuer", "subject", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "subject")


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnlyAdmin):
    list_display = ("user", "created_at", "confirmed_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("sealed_secret", "last_step")


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(ReadOnlyAdmin):
    list_display = ("user", "used_at")
    list_select_related = ("user",)
    exclude = ("code_hash",)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "organization", "actor", "action", "outcome", "target_type", "number")
    list_filter = ("outcome", "action", "organization")
    list_select_related = ("organization", "actor")
    search_fields = ("action", "correlation_id", "target_id")


def actor(request: HttpRequest) -> User:
    """Who administers."""
    return cast(User, request.user)


def show_once(request: HttpRequest, secret: str) -> None:
    """Put a key's text onto the next page, and nowhere else."""
    messages.warning(request, f"The key is {secret} and is shown only now.")


def told(request: HttpRequest, show: Callable[[], HttpResponse]) -> HttpResponse:
    """A page of the admin site, or, where a rule of ours forbids what it would do, the same page with the reason."""
    try:
        return show()
    except AppError as error:
        messages.error(request, error.message)
        return redirect(request.get_full_path())
