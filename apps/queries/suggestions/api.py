"""REST route of suggestions: what to ask first, next, or in other words, and what was asked before."""

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import READ
from apps.common.serializers import StrictCharField, StrictSerializer
from apps.queries.api import QueryView, validated
from apps.queries.conversations.memory import asked_before
from apps.queries.conversations.presentation import AskedBeforeShape, asked_before_json
from apps.queries.seeing import visible_queries, withheld
from apps.queries.serializers import check_length
from apps.queries.suggestions.services import suggestions_for


class SuggestionFilterSerializer(StrictSerializer):
    """The parameters of `GET suggestions`."""

    data_source = StrictCharField(required=False, help_text="Needed where the organization has several.")
    query = serializers.UUIDField(required=False, help_text="An own or visible query, to go on from.")
    question = StrictCharField(required=False, validators=[check_length], help_text="Vague words, to be said better.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "query" in attrs and "question" in attrs:
            raise serializers.ValidationError({"query": ["Give a query or a question, not both."]})
        return attrs


class SuggestionsShape(serializers.Serializer[None]):
    """Questions that will be answered, and such as were."""

    suggestions = serializers.ListField(child=serializers.CharField())
    asked_before = AskedBeforeShape(many=True)


class SuggestionsView(QueryView):
    needs = {"GET": READ}
    filters = tuple(SuggestionFilterSerializer().fields)

    @extend_schema(parameters=[SuggestionFilterSerializer], responses=SuggestionsShape)
    def get(self, request: Request) -> Response:
        """Good first questions; after a `query` the next; for a `question` better words, and what was asked before."""
        wanted = validated(SuggestionFilterSerializer, request.query_params.dict())
        if "query" in wanted:
            shown = withheld(get_object_or_404(visible_queries(self.principal).with_record(), pk=wanted["query"]))
            found = list(shown.last_run.suggestions) if shown.last_run else []
            return Response({"suggestions": found, "asked_before": []})
        source = self.source(wanted["data_source"]) if "data_source" in wanted else self.only_source()
        question = wanted.get("question", "")
        before = asked_before(self.principal, question, source=source)
        found = suggestions_for(self.principal, source, question, seconds=settings.PARLEY.suggestions_seconds)
        return Response({"suggestions": found, "asked_before": [asked_before_json(one) for one in before]})
