"""What may come in on the routes of feedback."""

from typing import Any

from rest_framework import serializers

from apps.common.serializers import StrictCharField, StrictSerializer
from apps.queries.evaluations.serializers import LONGEST_SQL
from apps.queries.feedback.models import FeedbackOutcome, FeedbackReason, FeedbackState, Verdict
from apps.queries.serializers import check_length

LONGEST_TEXT = 2_000
CORRECTIONS = ("corrected_sql", "corrected_question")


class FeedbackSerializer(StrictSerializer):
    """The body of `POST queries/{id}/feedback`."""

    verdict = serializers.ChoiceField(choices=Verdict.values)
    reason = serializers.ChoiceField(choices=FeedbackReason.values, required=False, allow_blank=True)
    text = StrictCharField(required=False, allow_blank=True, trim_whitespace=True, max_length=LONGEST_TEXT)
    corrected_sql = StrictCharField(required=False, allow_blank=True, trim_whitespace=True, max_length=LONGEST_SQL)
    corrected_question = StrictCharField(
        required=False, allow_blank=True, trim_whitespace=True, validators=[check_length]
    )

    def validate_verdict(self, verdict: str) -> Verdict:
        return Verdict(verdict)


class FeedbackFilterSerializer(StrictSerializer):
    """The filters of `GET feedback`."""

    state = serializers.ChoiceField(choices=FeedbackState.values, required=False)
    verdict = serializers.ChoiceField(choices=Verdict.values, required=False)
    reason = serializers.ChoiceField(choices=FeedbackReason.values, required=False)
    data_source = serializers.CharField(required=False)
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class ResolutionSerializer(StrictSerializer):
    """The body of `POST feedback/{id}/resolve`."""

    outcome = serializers.ChoiceField(choices=FeedbackOutcome.values)
    note = StrictCharField(required=False, allow_blank=True, trim_whitespace=True, max_length=LONGEST_TEXT)
    verified_query = serializers.UUIDField(required=False, help_text="default: the one that the feedback proposed")
    rule = serializers.UUIDField(required=False)
    corrected_sql = StrictCharField(required=False, allow_blank=True, help_text="as you read it; 409 if it changed")
    corrected_question = StrictCharField(required=False, allow_blank=True, help_text="as you read it")

    def validate_outcome(self, outcome: str) -> FeedbackOutcome:
        return FeedbackOutcome(outcome)


class SinceSerializer(StrictSerializer):
    """The filter of `GET feedback/metrics`."""

    since = serializers.DateTimeField(required=False)


class FeedbackShape(serializers.Serializer[Any]):
    """What a person said of an answer, and what became of it."""

    id = serializers.UUIDField()
    query = serializers.UUIDField()
    question = serializers.CharField()
    data_source = serializers.CharField()
    person = serializers.EmailField()
    verdict = serializers.ChoiceField(choices=Verdict.values)
    reason = serializers.ChoiceField(choices=FeedbackReason.choices, allow_null=True)
    text = serializers.CharField()
    corrected_sql = serializers.CharField(allow_null=True, help_text="null too where the reader may not see it")
    corrected_question = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=FeedbackState.choices)
    outcome = serializers.ChoiceField(choices=FeedbackOutcome.choices, allow_null=True)
    note = serializers.CharField()
    reviewer = serializers.EmailField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    verified_query = serializers.UUIDField(allow_null=True)
    rule = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class FeedbackMetricsShape(serializers.Serializer[Any]):
    """How answers are taken."""

    answered = serializers.IntegerField(help_text="queries answered in this time")
    rated = serializers.IntegerField()
    up = serializers.IntegerField()
    down = serializers.IntegerField()
    approval_rate = serializers.FloatField(allow_null=True, help_text="of what was rated")
    rated_share = serializers.FloatField(allow_null=True, help_text="of what was answered")
    open = serializers.IntegerField()
    by_reason = serializers.DictField(child=serializers.IntegerField())
    by_engine = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    by_outcome = serializers.DictField(child=serializers.IntegerField())
