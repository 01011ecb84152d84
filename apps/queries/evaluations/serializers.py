"""What may come in on the routes of verified queries and evaluations."""

from typing import Any

from rest_framework import serializers

from apps.common.serializers import (
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
    StrictShareField,
)
from apps.knowledge.models import VerifiedQueryState
from apps.queries.evaluations.models import EvaluationStatus
from apps.queries.serializers import ENGINES, check_length, check_model

MOST_RUNS = 10
LONGEST_SQL = 20_000


class VerifiedQueryChangeSerializer(StrictSerializer):
    """What may be changed of a verified query."""

    question = StrictCharField(trim_whitespace=True, validators=[check_length])
    sql = StrictCharField(trim_whitespace=True, max_length=LONGEST_SQL)
    difficulty = StrictCharField(required=False, allow_blank=True, max_length=20, help_text="Empty: by the SQL.")
    question_class = StrictCharField(required=False, allow_blank=True, max_length=40, help_text="Empty: by the SQL.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The class goes by that word, which Python keeps to itself."""
        fields = super().get_fields()
        label = fields.pop("question_class")
        label.source = "question_class"
        return {**fields, "class": label}


class VerifiedQuerySerializer(VerifiedQueryChangeSerializer):
    """The body of `POST verified-queries`."""

    data_source = StrictCharField(help_text="Name or id of a data source.")


class VerifiedQueryFilterSerializer(StrictSerializer):
    """The filters of `GET verified-queries`."""

    state = serializers.ChoiceField(choices=VerifiedQueryState.values, required=False)
    data_source = serializers.CharField(required=False)
    search = serializers.CharField(required=False, max_length=200)
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class EvaluationSerializer(StrictSerializer):
    """The body of `POST evaluations`: what is not named is as it is in force for those who ask."""

    data_source = StrictCharField(help_text="Name or id of a data source.")
    engine = serializers.ChoiceField(choices=ENGINES, required=False, allow_null=True, default=None)
    reasoning_model = StrictCharField(required=False, allow_null=True, default=None, validators=[check_model])
    implementation_model = StrictCharField(required=False, allow_null=True, default=None, validators=[check_model])
    threshold = StrictShareField(required=False, allow_null=True, default=None)
    clarification_mode = StrictBooleanField(required=False, allow_null=True, default=None)
    fiscal_year_start_month = StrictIntegerField(
        min_value=1, max_value=12, required=False, allow_null=True, default=None
    )
    runs = StrictIntegerField(min_value=1, max_value=MOST_RUNS, default=1)
    include_proposed = StrictBooleanField(default=False)


class EvaluationFilterSerializer(StrictSerializer):
    """The filters of `GET evaluations`."""

    status = serializers.ChoiceField(choices=EvaluationStatus.values, required=False)
    data_source = serializers.CharField(required=False)
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class CaseFilterSerializer(StrictSerializer):
    """The filters of `GET evaluations/{id}/cases`."""

    status = serializers.ChoiceField(choices=["answered", "asked", "declined", "failed"], required=False)
    correct = serializers.BooleanField(required=False, allow_null=True, default=None)
    run = serializers.IntegerField(required=False, min_value=1)
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class RequirementSerializer(StrictSerializer):
    """The body of `PUT data-sources/{id}/evaluation-requirement`."""

    least_precision = StrictShareField(required=False, allow_null=True, default=None)
    least_ex = StrictShareField(required=False, allow_null=True, default=None)
    least_questions = StrictIntegerField(min_value=1, max_value=100_000, default=1)
    holds_for_approvals = StrictBooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["least_precision"] is None and attrs["least_ex"] is None:
            message = "Give least_precision, least_ex or both."
            raise serializers.ValidationError({"least_precision": [message]})
        return attrs
