"""Queries and all that belongs to them in the admin site."""

from django.contrib import admin

from apps.common.admin import ReadOnlyAdmin, ReadOnlyInline
from apps.queries.evaluations import admin as evaluations_admin  # noqa: F401  (registers its pages)
from apps.queries.models import Chart, Conversation, Feedback, Query, Result, Run, Step


class RunInline(ReadOnlyInline):
    model = Run
    fk_name = "query"
    fields = ("number", "status", "engine", "confidence", "busy_ms", "ended_at")


class StepInline(ReadOnlyInline):
    model = Step
    fields = ("number", "agent", "type", "action", "status", "duration_ms", "model", "cost_usd")


@admin.register(Query)
class QueryAdmin(ReadOnlyAdmin):
    list_display = ("question", "status", "organization", "user", "data_source", "created_at")
    list_filter = ("organization", "status")
    list_select_related = ("organization", "user", "data_source")
    search_fields = ("question", "correlation_id")
    exclude = ("lease_token", "request_digest")
    inlines = (RunInline,)
    show_full_result_count = False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("query", "number", "status", "engine", "confidence", "busy_ms", "organization")
    list_filter = ("organization", "status", "engine")
    list_select_related = ("query", "organization")
    inlines = (StepInline,)


@admin.register(Step)
class StepAdmin(ReadOnlyAdmin):
    list_display = ("action", "agent", "type", "status", "duration_ms", "run")
    list_filter = ("agent", "type", "status")
    list_select_related = ("run",)


@admin.register(Result)
class ResultAdmin(ReadOnlyAdmin):
    """How large a result was; its rows are the customer's and are not shown here."""

    list_display = ("run", "row_count", "truncated", "sql_ms", "organization")
    list_select_related = ("run", "organization")
    fields = ("run", "row_count", "truncated", "sql_ms")


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("title", "user", "data_source", "organization", "created_at")
    list_filter = ("organization",)
    list_select_related = ("user", "data_source", "organization")


@admin.register(Chart)
class ChartAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "run", "organization")
    list_filter = ("kind",)
    list_select_related = ("run", "organization")
    fields = ("title", "kind", "run")


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    """What people said of answers. What they correct may tell of data, so it is reviewed over the API only."""

    list_display = ("verdict", "reason", "state", "outcome", "person", "organization", "created_at")
    list_filter = ("organization", "verdict", "state", "reason")
    list_select_related = ("person", "organization")
    fields = ("query", "person", "verdict", "reason", "text", "state", "outcome", "note", "reviewer", "resolved_at")
