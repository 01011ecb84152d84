"""The value index and the glossary in the admin site."""

from django.contrib import admin

from apps.common.admin import ReadOnlyAdmin
from apps.knowledge.models import GlossaryTerm, IndexedValue, VerifiedQuery


@admin.register(IndexedValue)
class IndexedValueAdmin(ReadOnlyAdmin):
    list_display = ("value", "column", "table", "data_source")
    list_filter = ("data_source",)
    list_select_related = ("data_source",)
    search_fields = ("value",)
    show_full_result_count = False


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(ReadOnlyAdmin):
    list_display = ("term", "data_source", "table", "column", "value", "author")
    list_filter = ("data_source",)
    list_select_related = ("data_source", "author")
    search_fields = ("term", "definition")


@admin.register(VerifiedQuery)
class VerifiedQueryAdmin(ReadOnlyAdmin):
    """What stands approved; it is written over the API, where the guard judges it for whoever writes."""

    list_display = ("question", "state", "data_source", "author", "reviewer", "reviewed_at", "organization")
    list_filter = ("organization", "state", "data_source")
    list_select_related = ("data_source", "author", "reviewer", "organization")
    search_fields = ("question",)
