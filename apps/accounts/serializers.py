"""What may come in and go out on the routes of accounts."""

from typing import Any

from rest_framework import serializers

from apps.accounts.models import ApiKey, Membership, User
from apps.accounts.services import SCOPES
from apps.common.serializers import StrictCharField, StrictSerializer


class ApiKeySerializer(StrictSerializer):
    """A new key."""

    name = StrictCharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES), default=lambda: ["ask", "read"], allow_empty=False
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class RevokeSerializer(StrictSerializer):
    """The refresh token to end."""

    refresh = StrictCharField()


def api_key_json(key: ApiKey) -> dict[str, Any]:
    """A key without its secret."""
    return {
        "id": str(key.pk),
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at and key.expires_at.isoformat(),
        "last_used_at": key.last_used_at and key.last_used_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
    }


def me_json(user: User, memberships: list[Membership]) -> dict[str, Any]:
    """The person and where they are a member."""
    return {
        "id": str(user.pk),
        "email": user.email,
        "name": user.name,
        "organizations": [
            {
                "id": str(one.organization.pk),
                "slug": one.organization.slug,
                "name": one.organization.name,
                "role": one.role,
            }
            for one in memberships
        ],
    }
