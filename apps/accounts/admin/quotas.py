"""Quotas and what was used of them."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from apps.accounts.models import Quota, QuotaAlert, UsageCounter, UsageRecord
from apps.common.admin import ReadOnlyAdmin


@admin.register(Quota)
class QuotaAdmin(ModelAdmin):
    list_display = ("organization", "subject", "user", "api_key", "measure", "period", "limit")
    list_filter = ("subject", "measure", "period", "organization")
    list_select_related = ("organization", "user", "api_key")
    autocomplete_fields = ("organization", "user", "api_key")
    search_fields = ("organization__name", "user__email")


@admin.register(UsageCounter)
class UsageCounterAdmin(ReadOnlyAdmin):
    list_display = ("organization", "subject", "subject_id", "measure", "period", "starts_on", "amount")
    list_filter = ("subject", "measure", "period", "organization")
    list_select_related = ("organization",)


@admin.register(UsageRecord)
class UsageRecordAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "organization", "user", "measure", "amount", "reference")
    list_filter = ("measure", "organization")
    list_select_related = ("organization", "user")
    search_fields = ("reference",)


@admin.register(QuotaAlert)
class QuotaAlertAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "organization", "quota_name", "percent")
    list_filter = ("percent", "organization")
    list_select_related = ("organization",)
