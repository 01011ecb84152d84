"""What may come in and go out on the routes of the glossary."""

from typing import Any

from rest_framework import serializers

from apps.common.serializers import StrictCharField, StrictSerializer
from apps.knowledge.models import GlossaryTerm

MOST_SYNONYMS = 30


class TermChangeSerializer(StrictSerializer):
    """A term with what it means; `table`, `column` and `value` as far as it means one."""

    term = StrictCharField(max_length=100)
    synonyms = serializers.ListField(child=StrictCharField(max_length=100), max_length=MOST_SYNONYMS, required=False)
    definition = StrictCharField(max_length=2_000, required=False, allow_blank=True)
    table = StrictCharField(max_length=300, required=False, allow_blank=True)
    column = StrictCharField(max_length=150, required=False, allow_blank=True)
    value = StrictCharField(max_length=200, required=False, allow_blank=True)


class TermSerializer(TermChangeSerializer):
    """A new term; without `data_source` it holds for all of them."""

    data_source = serializers.UUIDField(required=False, allow_null=True)


def term_json(term: GlossaryTerm, *, with_meaning: bool) -> dict[str, Any]:
    """A term as it goes out; `meaning` is null where there is none, or none that this person may see."""
    meaning = {"table": term.table, "column": term.column or None, "value": term.value or None}
    return {
        "id": str(term.pk),
        "term": term.term,
        "synonyms": term.synonyms,
        "definition": term.definition,
        "data_source": str(term.data_source_id) if term.data_source_id else None,
        "meaning": meaning if term.table and with_meaning else None,
        "author": term.author.email if term.author else None,
        "created_at": term.created_at.isoformat(),
        "updated_at": term.updated_at.isoformat(),
    }
