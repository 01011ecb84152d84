"""Clarifications and rules in the admin site."""

from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.models import User
from apps.clarification.models import Clarification, ClarificationQuestion, Rule
from apps.clarification.rules import revoke_rule
from apps.common.admin import ReadOnlyAdmin, ReadOnlyInline
from apps.common.errors import AppError


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


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    """What holds for whom; an administrator may only end it."""

    list_display = ("phrase", "label", "field", "state", "person", "data_source", "organization", "created_at")
    list_filter = ("organization", "state", "field")
    list_select_related = ("organization", "person", "data_source")
    search_fields = ("phrase", "label")
    actions = ("revoke",)

    def has_delete_permission(self, request: HttpRequest, obj: Rule | None = None) -> bool:
        return False

    @admin.action(description="Revoke the chosen rules")
    def revoke(self, request: HttpRequest, rules: QuerySet[Rule]) -> None:
        for rule in rules.select_related("organization"):
            try:
                revoke_rule(rule, actor=cast(User, request.user))
            except AppError as error:
                messages.error(request, f"{rule}: {error.message}")
