"""What may come in and go out on the routes of data sources."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from apps.accounts.principal import Principal
from apps.common.serializers import (
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
    StrictShareField,
)
from apps.datasources.guard.allowed_functions import MOST_FUNCTIONS
from apps.datasources.models import MOST_CACHE_SECONDS, DataSource, Kind, Privacy
from apps.datasources.roles import Override
from apps.datasources.schema import Schema

NAME = r"^[a-z0-9][a-z0-9_-]{0,59}$"


class DataSourceSerializer(StrictSerializer):
    """A new or changed source. The password goes in and never comes out."""

    name = StrictCharField(validators=[RegexValidator(NAME)], help_text="Small letters, digits, - and _.")
    label = StrictCharField(required=False, allow_blank=True, max_length=150)  # type: ignore[assignment]
    description = StrictCharField(required=False, allow_blank=True, max_length=5_000)
    kind = serializers.ChoiceField(choices=Kind.choices)
    host = StrictCharField(required=False, allow_blank=True, max_length=255)
    port = StrictIntegerField(required=False, allow_null=True, min_value=1, max_value=65_535)
    database = StrictCharField(max_length=500)
    username = StrictCharField(required=False, allow_blank=True, max_length=150)
    password = StrictCharField(
        required=False, allow_blank=True, write_only=True, max_length=10_000, trim_whitespace=False
    )
    options = serializers.DictField(required=False, help_text="See docs/data-sources.md for each kind's.")
    allow_writable_role = StrictBooleanField(
        required=False, help_text="An owner's word that a role that can write may be used; needs writable_role_reason."
    )
    writable_role_reason = StrictCharField(required=False, max_length=500)
    is_active = StrictBooleanField(required=False)
    clarification_enabled = StrictBooleanField(required=False)
    answer_threshold = StrictShareField(
        required=False, allow_null=True, help_text="Least confidence for an answer here; null takes the organization's."
    )
    result_cache_seconds = StrictIntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_CACHE_SECONDS,
        help_text="How old rows of an answer may be; 0 reads them anew, null takes the installation's.",
    )  # fmt: skip
    privacy_level = serializers.ChoiceField(
        choices=Privacy.choices, required=False, allow_blank=True,
        help_text="What models are told of the data; empty takes the installation's.",
    )  # fmt: skip


class DataSourceChangeSerializer(DataSourceSerializer):
    """A changed source: what can only be said of one that is there, as well."""

    allowed_functions = serializers.ListField(
        child=StrictCharField(max_length=127),
        required=False,
        max_length=MOST_FUNCTIONS,
        help_text="Functions that may be called beside the usual ones, such as sales.net_price.",
    )


def override_in(given: dict[str, Any], principal: Principal) -> Override | None:
    """The owner's word in a body, if there is one."""
    if not given.get("allow_writable_role"):
        return None
    return Override(given.get("writable_role_reason", ""), principal)


def fields_in(given: dict[str, Any]) -> dict[str, Any]:
    """A body without that word."""
    return {name: value for name, value in given.items() if name not in ("allow_writable_role", "writable_role_reason")}


def data_source_json(source: DataSource) -> dict[str, Any]:
    """A source without its credentials."""
    return {
        "id": str(source.pk),
        "name": source.name,
        "label": source.label,
        "description": source.description,
        "kind": source.kind,
        "host": source.host,
        "port": source.port,
        "database": source.database,
        "username": source.username,
        "has_password": bool(source.credentials),
        "allowed_functions": source.allowed_functions,
        "options": source.options,
        "allow_writable_role": bool(source.write_override),
        "can_write": source.writes,
        "is_active": source.is_active,
        "clarification_enabled": source.clarification_enabled,
        "answer_threshold": source.answer_threshold,
        "result_cache_seconds": source.result_cache_seconds,
        "privacy_level": source.privacy_level,
        "schema_version": source.schema_version or None,
        "synced_at": source.synced_at and source.synced_at.isoformat(),
        "sync_error": source.sync_error or None,
    }


def schema_json(schema: Schema) -> dict[str, Any]:
    """The visible tables with columns, keys and comments."""
    return {
        "dialect": schema.dialect,
        "version": schema.version,
        "tables": [
            {
                "name": table.name,
                "namespace": table.namespace,
                "comment": table.comment,
                "row_count": table.row_count,
                "is_view": table.is_view,
                "primary_key": list(table.primary_key),
                "foreign_keys": [
                    {"columns": key.columns, "table": key.target_table, "target_columns": key.target_columns}
                    for key in table.foreign_keys
                ],
                "columns": [
                    {
                        "name": column.name,
                        "type": column.type.value,
                        "native_type": column.native_type,
                        "nullable": column.nullable,
                        "comment": column.comment,
                        "samples": column.samples,
                    }
                    for column in table.columns
                ],
            }
            for table in schema
        ],
    }
