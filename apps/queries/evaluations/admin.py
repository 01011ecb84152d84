"""Evaluations in the admin site."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from apps.common.admin import ReadOnlyAdmin
from apps.queries.evaluation.flips import difference
from apps.queries.evaluation.report import difference_text
from apps.queries.evaluations.models import Evaluation, EvaluationCase, EvaluationRequirement
from apps.queries.evaluations.presentation import fate_of

FIGURES = ("n", "ex", "coverage", "precision", "asked_on_clear", "unsteady", "p50_ms", "p95_ms", "seconds", "cost_usd")


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    """An evaluation with its figures; its cases are on a list of their own, as they may be thousands."""

    list_display = ("data_source", "status", "engine", "questions", "ex", "precision", "organization", "created_at")
    list_filter = ("organization", "status", "engine")
    list_select_related = ("organization", "data_source")
    exclude = ("lease_token", "lease_expires_at", "summary")
    readonly_fields = ("figures", "by_class", "by_difficulty", "reasons")
    actions = ("compare",)

    @admin.action(description="Compare two: which questions have another outcome")
    def compare(self, request: HttpRequest, evaluations: QuerySet[Evaluation]) -> None:
        chosen = list(evaluations.order_by("id")[:3])
        if len(chosen) != 2:
            messages.error(request, "Choose two evaluations.")
            return
        before, after = (map(fate_of, one.cases.filter(finished_at__isnull=False)) for one in chosen)
        lines = difference_text(difference(before, after)).splitlines()
        messages.info(request, format_html_join("", "{}<br>", ((line,) for line in lines)))

    @admin.display(description="EX")
    def ex(self, evaluation: Evaluation) -> Any:
        return evaluation.summary.get("ex")

    @admin.display(description="Precision")
    def precision(self, evaluation: Evaluation) -> Any:
        return evaluation.summary.get("precision")

    def figures(self, evaluation: Evaluation) -> SafeString:
        return _lines((name, evaluation.summary.get(name)) for name in FIGURES)

    @admin.display(description="EX by class")
    def by_class(self, evaluation: Evaluation) -> SafeString:
        return _groups(evaluation.summary.get("by_class"))

    @admin.display(description="EX by difficulty")
    def by_difficulty(self, evaluation: Evaluation) -> SafeString:
        return _groups(evaluation.summary.get("by_difficulty"))

    @admin.display(description="What was wrong")
    def reasons(self, evaluation: Evaluation) -> SafeString:
        return _lines(evaluation.summary.get("by_reason", {}).items())


def _lines(pairs: Any) -> SafeString:
    return format_html_join("", "{}: {}<br>", pairs)


def _groups(figures: Any) -> SafeString:
    return _lines((name, f"{one['ex']:.2f} of {one['n']}") for name, one in (figures or {}).items())


@admin.register(EvaluationCase)
class EvaluationCaseAdmin(ReadOnlyAdmin):
    list_display = ("question", "status", "correct", "reason", "question_class", "difficulty", "ms", "evaluation")
    list_filter = ("organization", "status", "correct", "reason", "question_class")
    list_select_related = ("evaluation__data_source",)
    search_fields = ("question", "evaluation__id")
    show_full_result_count = False


@admin.register(EvaluationRequirement)
class EvaluationRequirementAdmin(ReadOnlyAdmin):
    """What sources require; it is changed over the API, which records who changed it."""

    list_display = ("data_source", "least_precision", "least_ex", "least_questions", "organization", "updated_at")
    list_filter = ("organization",)
    list_select_related = ("data_source", "organization")
