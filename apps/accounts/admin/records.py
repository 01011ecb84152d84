"""What the platform writes itself and nobody edits: invitations, sign-ins, second factors, the audit log."""

from django.contrib import admin

from apps.accounts.models import AuditEvent, ExternalIdentity, Invitation, RecoveryCode, SecondFactor, TokenFamily
from apps.common.admin import ReadOnlyAdmin


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
