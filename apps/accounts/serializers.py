"""What may come in and go out on the routes of accounts."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer

from apps.accounts.models import ApiKey, Membership, User
from apps.accounts.services import SCOPES
from apps.common.serializers import StrictCharField, StrictSerializer


class SignInSerializer(StrictSerializer, TokenObtainPairSerializer):
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = StrictCharField(max_length=254, write_only=True)
        self.fields["password"] = StrictCharField(max_length=4_096, write_only=True, trim_whitespace=False)


class RefreshSerializer(StrictSerializer, TokenRefreshSerializer):
    """The refresh token to spend."""

    refresh = StrictCharField()


class ApiKeySerializer(StrictSerializer):
    """A new key."""

    name = StrictCharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES), default=lambda: ["ask", "read"], allow_empty=False
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate_expires_at(self, moment: datetime | None) -> datetime | None:
        if moment is not None and moment <= timezone.now():
            raise serializers.ValidationError("This moment is past.")
        return moment


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
