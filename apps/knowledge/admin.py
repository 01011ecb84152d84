"""The value index and the glossary in the admin site."""

from django.contrib import admin

from apps.common.admin import ReadOnlyAdmin
from apps.knowledge.models import GlossaryTerm, IndexedValue


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
