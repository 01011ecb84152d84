"""Model calls in the admin site."""

from django.contrib import admin

from apps.common.admin import ReadOnlyAdmin
from apps.llm.models import ModelCall


@admin.register(ModelCall)
class ModelCallAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "organization",
        "model",
        "purpose",
        "outcome",
        "prompt_tokens",
        "completion_tokens",
        "cost_usd",
    )
    list_filter = ("organization", "model", "outcome")
    list_select_related = ("organization",)
    search_fields = ("correlation_id",)
