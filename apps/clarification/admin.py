"""Clarifications in the admin site."""

from django.contrib import admin

from apps.clarification.models import Clarification, ClarificationQuestion
from apps.common.admin import ReadOnlyAdmin, ReadOnlyInline


class QuestionInline(ReadOnlyInline):
    model = ClarificationQuestion
    fields = ("turn", "field", "question", "chosen_option", "answer_text", "answered_at")


@admin.register(Clarification)
class ClarificationAdmin(ReadOnlyAdmin):
    list_display = ("id", "organization", "asked_of", "status", "turn", "created_at", "expires_at")
    list_filter = ("organization", "status")
    list_select_related = ("organization", "asked_of")
    inlines = (QuestionInline,)


@admin.register(ClarificationQuestion)
class ClarificationQuestionAdmin(ReadOnlyAdmin):
    list_display = ("question", "field", "organization", "chosen_option", "answered_at")
    list_filter = ("organization", "field")
    list_select_related = ("organization",)
