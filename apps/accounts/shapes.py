"""What goes out on the routes of accounts: each answer as JSON, and its shape for the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from apps.accounts.models import ApiKey, Invitation, Membership, Organization, Role, User


class PairShape(serializers.Serializer[Any]):
    """An access token for a few minutes, and a refresh token that is good once."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class OrganizationShape(serializers.Serializer[Any]):
    """An organization, and one's own role in it."""

    id = serializers.UUIDField()
    slug = serializers.SlugField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    requires_second_factor = serializers.BooleanField()
    clarification_enabled = serializers.BooleanField()
    answer_threshold = serializers.FloatField(allow_null=True)
    fiscal_year_start_month = serializers.IntegerField()
    conversation_retention_days = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()


class MeShape(serializers.Serializer[Any]):
    """The person, and the organizations that let them in."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    second_factor = serializers.BooleanField()
    organizations = OrganizationShape(many=True)


class MemberShape(serializers.Serializer[Any]):
    """A person in the organization."""

    id = serializers.UUIDField()
    user = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    is_active = serializers.BooleanField()
    attributes = serializers.DictField()
    second_factor = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class InvitationShape(serializers.Serializer[Any]):
    """An invitation. `link` is there once, in the answer that makes it, where no e-mail can be sent."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.choices)
    state = serializers.ChoiceField(choices=["pending", "accepted", "revoked", "expired"])
    invited_by = serializers.EmailField(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    link = serializers.URLField(required=False)


class ApiKeyShape(serializers.Serializer[Any]):
    """A key without its secret. `key` is there once, in the answer that makes it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    owner = serializers.EmailField()
    prefix = serializers.CharField()
    last_chars = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    overlap_ends_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    key = serializers.CharField(required=False)


class EnrolmentShape(serializers.Serializer[Any]):
    """What an authenticator needs, shown once."""

    secret = serializers.CharField()
    uri = serializers.CharField()
    qr_svg = serializers.CharField()


class RecoveryCodesShape(serializers.Serializer[Any]):
    """Codes for the day the authenticator is lost, shown once, good once each."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


def page_of(shape: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The shape of a page of a list, newest first."""
    fields = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": shape(many=True),
    }
    return type(shape.__name__.replace("Shape", "PageShape"), (serializers.Serializer,), fields)


def organization_json(member: Membership) -> dict[str, Any]:
    """As OrganizationShape."""
    organization: Organization = member.organization
    return {
        "id": str(organization.pk),
        "slug": organization.slug,
        "name": organization.name,
        "role": member.role,
        "requires_second_factor": organization.requires_second_factor,
        "clarification_enabled": organization.clarification_enabled,
        "answer_threshold": organization.answer_threshold,
        "fiscal_year_start_month": organization.fiscal_year_start_month,
        "conversation_retention_days": organization.conversation_retention_days,
        "created_at": organization.created_at.isoformat(),
    }


def me_json(user: User, memberships: list[Membership]) -> dict[str, Any]:
    """As MeShape."""
    return {
        "id": str(user.pk),
        "email": user.email,
        "name": user.name,
        "second_factor": user.has_second_factor,
        "organizations": [organization_json(one) for one in memberships],
    }


def member_json(member: Membership) -> dict[str, Any]:
    """As MemberShape."""
    return {
        "id": str(member.pk),
        "user": str(member.user_id),
        "email": member.user.email,
        "name": member.user.name,
        "role": member.role,
        "is_active": member.is_active and member.user.is_active,
        "attributes": member.attributes,
        "second_factor": member.user.has_second_factor,
        "created_at": member.created_at.isoformat(),
    }


def invitation_json(invitation: Invitation, link: str | None = None) -> dict[str, Any]:
    """As InvitationShape."""
    return {
        "id": str(invitation.pk),
        "email": invitation.email,
        "role": invitation.role,
        "state": invitation.state,
        "invited_by": invitation.invited_by and invitation.invited_by.email,
        "created_at": invitation.created_at.isoformat(),
        "expires_at": invitation.expires_at.isoformat(),
        **({"link": link} if link else {}),
    }


def api_key_json(key: ApiKey, secret: str | None = None) -> dict[str, Any]:
    """As ApiKeyShape."""
    return {
        "id": str(key.pk),
        "name": key.name,
        "owner": key.user.email,
        "prefix": key.prefix,
        "last_chars": key.last_chars,
        "scopes": key.scopes,
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at and key.expires_at.isoformat(),
        "overlap_ends_at": key.previous_expires_at and key.previous_expires_at.isoformat(),
        "last_used_at": key.last_used_at and key.last_used_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
        **({"key": secret} if secret else {}),
    }
