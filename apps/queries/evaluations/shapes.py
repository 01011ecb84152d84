"""The shapes of what goes out about evaluations, for the OpenAPI document. A test compares them with what goes out."""

from typing import Any

from rest_framework import serializers

from apps.knowledge.models import VerifiedQueryState
from apps.queries.evaluations.models import EvaluationStatus
from apps.queries.shapes import ProblemShape, TokensShape


class _WithClass(serializers.Serializer[Any]):
    """A shape with a field of the name `class`, which Python keeps to itself."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "class": serializers.CharField(allow_null=True)}


class VerifiedQueryShape(_WithClass):
    """A question with SQL that a person approved, or is asked to."""

    id = serializers.UUIDField()
    data_source = serializers.CharField()
    question = serializers.CharField()
    sql = serializers.CharField()
    state = serializers.ChoiceField(choices=VerifiedQueryState.choices)
    author = serializers.EmailField(allow_null=True)
    reviewer = serializers.EmailField(allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    difficulty = serializers.CharField(allow_null=True)
    review_reason = serializers.CharField(allow_null=True, help_text="what a change of the schema touched")
    schema_version = serializers.CharField()
    is_of_current_schema = serializers.BooleanField(help_text="judged on the schema as it is now")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ProgressShape(serializers.Serializer[Any]):
    finished = serializers.IntegerField()
    total = serializers.IntegerField()


class EvaluationLinksShape(serializers.Serializer[Any]):
    self = serializers.CharField()
    cases = serializers.CharField()


class EvaluationShape(serializers.Serializer[Any]):
    """An engine put to verified queries. `summary` holds the figures of `manage.py evaluate`, once it has ended."""

    id = serializers.UUIDField()
    data_source = serializers.CharField()
    status = serializers.ChoiceField(choices=EvaluationStatus.choices)
    engine = serializers.CharField()
    models = serializers.DictField()
    threshold = serializers.FloatField()
    clarification_mode = serializers.BooleanField()
    fiscal_year_start_month = serializers.IntegerField()
    runs = serializers.IntegerField()
    include_proposed = serializers.BooleanField()
    questions = serializers.IntegerField()
    progress = ProgressShape()
    asked_by = serializers.EmailField(allow_null=True)
    schema_version = serializers.CharField()
    estimate = serializers.DictField(allow_null=True)
    summary = serializers.DictField(allow_null=True)
    error = ProblemShape(allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    links = EvaluationLinksShape()


class CaseShape(_WithClass):
    """One question in one run; `status` is null until it was put."""

    id = serializers.UUIDField()
    verified_query = serializers.UUIDField(allow_null=True)
    run = serializers.IntegerField()
    question = serializers.CharField()
    known_sql = serializers.CharField()
    status = serializers.ChoiceField(choices=["answered", "asked", "declined", "failed"], allow_null=True)
    sql = serializers.CharField(allow_null=True)
    readings = serializers.ListField(child=serializers.CharField())
    asked = serializers.BooleanField()
    confidence = serializers.FloatField(allow_null=True)
    correct = serializers.BooleanField(allow_null=True)
    by_ties = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True)
    difficulty = serializers.CharField(allow_null=True)
    ms = serializers.FloatField(allow_null=True)
    tokens = TokensShape()
    cost_usd = serializers.CharField()


class FiguresShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    ex = serializers.FloatField(allow_null=True)
    coverage = serializers.FloatField(allow_null=True)
    precision = serializers.FloatField(allow_null=True)
    cost_usd = serializers.CharField(allow_null=True)
    p50_ms = serializers.FloatField(allow_null=True)


class FlipShape(serializers.Serializer[Any]):
    verified_query = serializers.CharField()
    question = serializers.CharField()
    before = serializers.CharField(help_text="answered right, answered wrong, asked right … or unsteady")
    after = serializers.CharField()
    sql_before = serializers.CharField(allow_null=True)
    sql_after = serializers.CharField(allow_null=True)


class DifferenceShape(serializers.Serializer[Any]):
    """What became different between two evaluations."""

    before = FiguresShape()
    after = FiguresShape()
    compared = serializers.IntegerField()
    only_before = serializers.IntegerField()
    only_after = serializers.IntegerField()
    by_kind = serializers.DictField(child=serializers.IntegerField())
    flips = FlipShape(many=True)


class RequirementShape(serializers.Serializer[Any]):
    """What a data source asks of an evaluation before a change that alters its answers."""

    is_required = serializers.BooleanField()
    least_precision = serializers.FloatField(allow_null=True)
    least_ex = serializers.FloatField(allow_null=True)
    least_questions = serializers.IntegerField(allow_null=True)
    holds_for_approvals = serializers.BooleanField(allow_null=True)
