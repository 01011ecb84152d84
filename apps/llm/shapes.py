"""The shape of `GET models`, for the OpenAPI document. A test compares it with what really goes out."""

from rest_framework import serializers

from apps.llm.spec import Role

ROLES = [role.value for role in Role]


class AbilitiesShape(serializers.Serializer[None]):
    schema = serializers.BooleanField(help_text="answers by a JSON schema")
    tools = serializers.BooleanField(help_text="calls functions")
    streams = serializers.BooleanField(help_text="answers piece by piece")


class ModelShape(serializers.Serializer[None]):
    key = serializers.CharField(help_text="what `reasoning_model` and `implementation_model` of a query name")
    provider = serializers.CharField(allow_null=True, help_text="null where the operator gave it no name")
    roles = serializers.ListField(child=serializers.ChoiceField(ROLES), help_text="what it is meant for")
    default_for = serializers.ListField(child=serializers.ChoiceField(ROLES), help_text="where nobody names another")
    available = serializers.BooleanField(help_text="false while its provider is left alone after failures")
    abilities = AbilitiesShape()
    window_tokens = serializers.IntegerField()
    price_in_usd = serializers.CharField(help_text="for a million tokens sent to it")
    price_out_usd = serializers.CharField(help_text="for a million tokens that it answers with")


class ModelsShape(serializers.Serializer[None]):
    models = ModelShape(many=True)
    engines = serializers.ListField(child=serializers.CharField(), help_text="what `engine` of a query may name")
    default_engine = serializers.CharField()
