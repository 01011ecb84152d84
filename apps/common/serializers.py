"""The strict serializer that every request body goes through."""

from typing import Any

from rest_framework import serializers

from apps.common.shares import check_share


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown fields by name, so that a misspelt option is an error and not silently dropped."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = set(data) - set(self.fields)
            if unknown:
                raise serializers.ValidationError({name: ["Unknown field."] for name in sorted(unknown)})
        return super().to_internal_value(data)


class StrictCharField(serializers.CharField):
    """Text that must arrive as a JSON string: a number or a boolean is a wrong type, not a text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Not a string.", code="invalid")
        if "\x00" in data:
            raise serializers.ValidationError("Null characters are not allowed.", code="null_characters_not_allowed")
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """A whole number as JSON writes it, not a text that holds one."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError("Not a whole number.", code="invalid")
        return data


class StrictShareField(serializers.FloatField):
    """A number from 0 to 1 as JSON writes it; "0.5" is a text and NaN no number."""

    def to_internal_value(self, data: Any) -> float:
        if not isinstance(data, int | float) or isinstance(data, bool):
            raise serializers.ValidationError("Not a number.", code="invalid")
        check_share(data)
        return float(data)


class StrictBooleanField(serializers.BooleanField):
    """true or false, not "yes" or 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("Must be true or false.", code="invalid")
        return data
