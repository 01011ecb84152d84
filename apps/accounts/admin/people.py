"""People, organizations and who is in them."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.accounts.admin.acting import actor, told
from apps.accounts.audit import record_audit
from apps.accounts.models import Membership, Organization, User
from apps.accounts.services.members import owner_kept
from apps.accounts.services.organizations import check_change
from apps.accounts.services.second_factor import drop_second_factor
from apps.accounts.services.sign_out import end_all_sign_ins
from apps.common.admin import ReadOnlyInline


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

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return told(request, lambda: super(OrganizationAdmin, self).changeform_view(request, *args, **kwargs))

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        if change:
            stored = Organization.objects.get(pk=obj.pk)
            check_change(stored, {name: getattr(obj, name) for name in form.changed_data}, None)
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
