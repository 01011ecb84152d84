"""Evaluations in the admin site."""

from typing import Any

from django.contrib import admin

from apps.common.admin import ReadOnlyAdmin, ReadOnlyInline
from apps.queries.evaluations.models import Evaluation, EvaluationCase, EvaluationRequirement


class CaseInline(ReadOnlyInline):
    model = EvaluationCase
    fields = ("run", "question", "status", "correct", "reason", "confidence", "ms")
    show_change_link = True
    per_page = 50


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    list_display = ("data_source", "status", "engine", "questions", "ex", "precision", "organization", "created_at")
    list_filter = ("organization", "status", "engine")
    list_select_related = ("organization", "data_source")
    exclude = ("lease_token",)
    inlines = (CaseInline,)

    @admin.display(description="EX")
    def ex(self, evaluation: Evaluation) -> Any:
        return evaluation.summary.get("ex")

    @admin.display(description="Precision")
    def precision(self, evaluation: Evaluation) -> Any:
        return evaluation.summary.get("precision")


@admin.register(EvaluationCase)
class EvaluationCaseAdmin(ReadOnlyAdmin):
    list_display = ("question", "status", "correct", "reason", "question_class", "difficulty", "ms", "evaluation")
    list_filter = ("organization", "status", "correct", "reason", "question_class")
    list_select_related = ("evaluation__data_source",)
    search_fields = ("question",)
    show_full_result_count = False


@admin.register(EvaluationRequirement)
class EvaluationRequirementAdmin(ReadOnlyAdmin):
    """What sources require; it is changed over the API, which records who changed it."""

    list_display = ("data_source", "least_precision", "least_ex", "least_questions", "organization", "updated_at")
    list_filter = ("organization",)
    list_select_related = ("data_source", "organization")
