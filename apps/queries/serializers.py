"""What may come in on the routes of queries and clarifications."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework import serializers

from apps.clarification.models import ClarificationStatus
from apps.common.errors import InvalidInput
from apps.common.serializers import StrictBooleanField, StrictCharField, StrictSerializer
from apps.llm import research
from apps.llm.registry import find_model

ENGINES = ["builtin", "model"]


def check_length(question: str) -> None:
    """Raises ValidationError for an over-long question."""
    limit = settings.PARLEY.question_max_chars
    if len(question) > limit:
        raise serializers.ValidationError(f"At most {limit} characters; this has {len(question)}.")


def check_model(key: str) -> None:
    """Refuse a model that the registry does not have, naming those that it has. Raises ValidationError."""
    try:
        find_model(key)
    except InvalidInput as error:
        raise serializers.ValidationError(error.message) from error


def check_models_are_used(options: Mapping[str, Any]) -> None:
    """Refuse what asks for a model beside the engine that has none. Raises ValidationError naming the fields."""
    wants_model = [name for name in ("reasoning_model", "implementation_model", "web_research") if options.get(name)]
    if options.get("engine") == "builtin" and wants_model:
        raise serializers.ValidationError({name: ["The built-in engine uses no model."] for name in wants_model})


class AskSerializer(StrictSerializer):
    """The body of `POST queries`."""

    question = StrictCharField(trim_whitespace=True, validators=[check_length])
    data_source = StrictCharField(help_text="Name or id of a data source.")
    conversation = serializers.UUIDField(required=False, allow_null=True, default=None)
    clarification_mode = StrictBooleanField(default=True)
    engine = serializers.ChoiceField(choices=ENGINES, required=False, allow_null=True, default=None)
    reasoning_model = StrictCharField(required=False, allow_null=True, default=None, validators=[check_model])
    implementation_model = StrictCharField(required=False, allow_null=True, default=None, validators=[check_model])
    enable_charts = StrictBooleanField(default=True)
    web_research = StrictBooleanField(default=False)

    def validate_web_research(self, wanted: bool) -> bool:
        """Refuse what nothing here would do: an option is never taken and dropped."""
        if wanted and not research.is_available():
            raise serializers.ValidationError("This installation does no web research.")
        return wanted

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_models_are_used(attrs)
        return attrs


class ReplaySerializer(StrictSerializer):
    """The body of `POST queries/{id}/replay`: what the new run has otherwise; nothing named stays as it was."""

    clarification_mode = StrictBooleanField(required=False)
    engine = serializers.ChoiceField(choices=ENGINES, required=False, allow_null=True)
    reasoning_model = StrictCharField(required=False, allow_null=True, validators=[check_model])
    implementation_model = StrictCharField(required=False, allow_null=True, validators=[check_model])
    enable_charts = StrictBooleanField(required=False)


class ShortAskSerializer(StrictSerializer):
    """The body of the short synchronous form."""

    query = StrictCharField(trim_whitespace=True, validators=[check_length])
    clarification_mode = StrictBooleanField(default=True)
    data_source = StrictCharField(required=False, help_text="Needed where the organization has several.")


class AnalyzeSerializer(StrictSerializer):
    """The body of `POST clarification/analyze`."""

    question = StrictCharField(trim_whitespace=True, validators=[check_length])
    data_source = StrictCharField(help_text="Name or id of a data source.")
    conversation = serializers.UUIDField(required=False, allow_null=True, default=None)


class ClarificationFilterSerializer(StrictSerializer):
    """The filters of `GET clarifications`."""

    status = serializers.ChoiceField(choices=ClarificationStatus.values, required=False)
    data_source = serializers.CharField(required=False)


class FiguresSerializer(StrictSerializer):
    """What `GET clarification/metrics` counts."""

    days = serializers.IntegerField(default=30, min_value=1, max_value=3_650, help_text="So many days back.")
    data_source = serializers.CharField(required=False)


class AnswerSerializer(StrictSerializer):
    """One answer to one question."""

    question_id = StrictCharField()
    option_id = StrictCharField(required=False)
    option_ids = serializers.ListField(child=StrictCharField(), required=False, min_length=1, max_length=1)
    text = StrictCharField(required=False, max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = [name for name in ("option_id", "option_ids", "text") if name in attrs]
        if len(given) != 1:
            raise serializers.ValidationError({"option_id": ["Give one of option_id, option_ids and text."]})
        if "option_ids" in attrs:
            attrs["option_id"] = attrs.pop("option_ids")[0]
        return attrs


class AnswersSerializer(StrictSerializer):
    """The body of `POST clarifications/{id}/answers`."""

    answers = AnswerSerializer(many=True, allow_empty=False)
    remember = StrictBooleanField(default=True, help_text="Keep the choice as a rule of one's own.")


class HistorySerializer(StrictSerializer):
    """The filters of `GET queries`."""

    search = serializers.CharField(required=False, max_length=200)
    status = serializers.CharField(required=False)
    data_source = serializers.CharField(required=False)
    since = serializers.DateTimeField(required=False)
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)
