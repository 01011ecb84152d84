"""What may come in on the routes of accounts."""

from datetime import datetime
from typing import Any

from django.core.validators import RegexValidator
from django.utils import timezone
from rest_framework import serializers

from apps.accounts.attributes import check_attributes
from apps.accounts.models import Role
from apps.accounts.passwords import MAX_CHARS
from apps.accounts.services.api_keys import LEAST_SCOPES, SCOPES
from apps.common.serializers import (
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
    StrictShareField,
)

SLUG = r"^[a-z0-9][a-z0-9-]{1,59}$"
WEEK_SECONDS = 7 * 24 * 3600


class PasswordField(StrictCharField):
    """A password, exactly as typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_CHARS, trim_whitespace=False, write_only=True, **options)


class StrictEmailField(serializers.EmailField, StrictCharField):
    """An e-mail address as a JSON string."""


class CodeField(StrictCharField):
    """A code of the authenticator, or a recovery code."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, write_only=True, **options)


class SignInSerializer(StrictSerializer):
    """E-mail and password, and the second factor's code where the person has one."""

    email = StrictCharField(max_length=254, write_only=True)
    password = PasswordField()
    otp = CodeField(required=False, allow_null=True, default=None)


class RefreshSerializer(StrictSerializer):
    """A refresh token."""

    refresh = StrictCharField(max_length=4_096, write_only=True)


class PasswordChangeSerializer(StrictSerializer):
    """The password as it is and as it shall be."""

    current_password = PasswordField()
    new_password = PasswordField()


class PasswordResetSerializer(StrictSerializer):
    """The address of an account."""

    email = StrictEmailField(max_length=254)


class PasswordResetConfirmSerializer(StrictSerializer):
    """The two parts of the mailed link, and the new password."""

    uid = StrictCharField(max_length=100)
    token = StrictCharField(max_length=100)
    password = PasswordField()


class CodeSerializer(StrictSerializer):
    """A code of the second factor."""

    code = CodeField()


class EnrolSerializer(StrictSerializer):
    """The password, to begin setting up a second factor; whoever signs in without one sends none."""

    password = PasswordField(required=False, allow_blank=True, default="")


class NewOrganizationSerializer(StrictSerializer):
    """A new organization."""

    name = StrictCharField(max_length=150)
    slug = StrictCharField(validators=[RegexValidator(SLUG)], help_text="Small letters, digits and -; never changes.")


class OrganizationSerializer(StrictSerializer):
    """What its administrators may change about an organization."""

    name = StrictCharField(max_length=150)
    requires_second_factor = StrictBooleanField()
    clarification_enabled = StrictBooleanField()
    answer_threshold = StrictShareField(allow_null=True)
    fiscal_year_start_month = StrictIntegerField(
        min_value=1, max_value=12, help_text="Month in which the fiscal year begins."
    )
    conversation_retention_days = StrictIntegerField(
        allow_null=True, min_value=1, max_value=36_500, help_text="Null keeps conversations."
    )


class TransferSerializer(StrictSerializer):
    """The member who becomes owner."""

    member = serializers.UUIDField()


class MemberSerializer(StrictSerializer):
    """What may change about a member."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_active = StrictBooleanField(required=False)
    attributes = serializers.JSONField(
        required=False, validators=[check_attributes], help_text='What row filters may name: {"region": "EU"}.'
    )


class InvitationSerializer(StrictSerializer):
    """Whom to invite, as what."""

    email = StrictEmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.VIEWER)


class TokenSerializer(StrictSerializer):
    """The token of an invitation."""

    token = StrictCharField(max_length=200, write_only=True)


class AcceptSerializer(TokenSerializer):
    """The token; a new person adds a password, one who is signed in does not."""

    name = StrictCharField(max_length=150, required=False, allow_blank=True, default="")
    password = PasswordField(required=False)


class ApiKeySerializer(StrictSerializer):
    """A new key."""

    name = StrictCharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES), default=lambda: list(LEAST_SCOPES), allow_empty=False
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate_expires_at(self, moment: datetime | None) -> datetime | None:
        if moment is not None and moment <= timezone.now():
            raise serializers.ValidationError("This moment is past.")
        return moment


class RotateSerializer(StrictSerializer):
    """How long the secret of before stays good beside the new one."""

    overlap_seconds = StrictIntegerField(min_value=0, max_value=WEEK_SECONDS, default=3_600)
