"""What may come in and go out on the routes of policies."""

from typing import Any

from rest_framework import serializers

from apps.accounts.models import Role
from apps.common.serializers import StrictCharField, StrictSerializer
from apps.datasources.models import AccessPolicy


class RulesSerializer(StrictSerializer):
    """What a policy says: `tables` is {"only": [names]} or {"except": [names]}; each rule names a table, and may name
    columns likewise, a filter, and masks by column."""

    tables = serializers.JSONField(required=False)
    rules = serializers.JSONField(required=False)


class PolicySerializer(RulesSerializer):
    """A new policy, for a role or for one member."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    member = StrictCharField(required=False, max_length=254, help_text="A member's id or e-mail address.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("role" in attrs) == ("member" in attrs):
            raise serializers.ValidationError({"role": ["Name either a role or a member."]})
        return attrs


class ExplainSerializer(StrictSerializer):
    """Whose access to explain."""

    member = StrictCharField(max_length=254, help_text="A member's id or e-mail address.")


def policy_json(stored: AccessPolicy) -> dict[str, Any]:
    return {
        "id": str(stored.pk),
        "role": stored.role or None,
        "member": stored.membership.user.email if stored.membership else None,
        "tables": stored.tables,
        "rules": stored.rules,
        "created_at": stored.created_at.isoformat(),
        "updated_at": stored.updated_at.isoformat(),
    }
