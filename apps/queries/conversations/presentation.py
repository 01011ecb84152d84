"""Conversations as they go out, and their shapes for the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from apps.queries.conversations.memory import AskedBefore
from apps.queries.models import Conversation, Query
from apps.queries.presentation import links, summary_json
from apps.queries.seeing import withheld
from apps.queries.shapes import QueryLineShape


class ConversationLinksShape(serializers.Serializer[None]):
    self = serializers.CharField()


class ConversationShape(serializers.Serializer[None]):
    """A conversation as a line of the list."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    data_source = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_asked_at = serializers.DateTimeField(allow_null=True)
    query_count = serializers.IntegerField()
    links = ConversationLinksShape()


class WholeConversationShape(ConversationShape):
    """One conversation with its latest queries, oldest of them first."""

    queries = QueryLineShape(many=True)


class AskedBeforeShape(serializers.Serializer[None]):
    """An answered query whose question says nearly the same."""

    id = serializers.UUIDField()
    question = serializers.CharField()
    data_source = serializers.CharField()
    asked_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    similarity = serializers.FloatField()
    links = serializers.DictField()


class SimilarShape(serializers.Serializer[None]):
    """Queries that were asked and answered before."""

    results = AskedBeforeShape(many=True)


class PrunedShape(serializers.Serializer[None]):
    """How many conversations were forgotten."""

    conversations = serializers.IntegerField()


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """Expects `Conversation.objects.with_counts()`."""
    row: Any = conversation
    return {
        "id": str(conversation.pk),
        "title": str(conversation),
        "data_source": conversation.data_source.name,
        "created_at": conversation.created_at.isoformat(),
        "last_asked_at": row.last_asked_at and row.last_asked_at.isoformat(),
        "query_count": row.query_count,
        "links": {"self": f"/api/v1/conversations/{conversation.pk}"},
    }


def whole_conversation_json(conversation: Conversation, queries: list[Query]) -> dict[str, Any]:
    return {**conversation_json(conversation), "queries": [summary_json(withheld(query)) for query in queries]}


def asked_before_json(found: AskedBefore) -> dict[str, Any]:
    query = found.query
    return {
        "id": str(query.pk),
        "question": query.question,
        "data_source": query.data_source.name,
        "asked_by": query.user.email if query.user else None,
        "created_at": query.created_at.isoformat(),
        "similarity": found.similarity,
        "links": links(query),
    }
