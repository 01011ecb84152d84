"""REST routes of conversations: one's own; owners and admins prune the organization's memory."""

import uuid
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.accounts.permissions import ASK, MANAGE, READ, Need
from apps.accounts.shapes import page_of
from apps.common.bodies import checked
from apps.common.pagination import NewestFirst
from apps.queries.api import QueryView, validated
from apps.queries.conversations.memory import asked_before
from apps.queries.conversations.presentation import (
    ConversationShape,
    PrunedShape,
    SimilarShape,
    WholeConversationShape,
    asked_before_json,
    conversation_json,
    whole_conversation_json,
)
from apps.queries.conversations.serializers import (
    ConversationFilterSerializer,
    ConversationSerializer,
    PruneSerializer,
    SimilarSerializer,
    TitleSerializer,
)
from apps.queries.conversations.services import (
    forget_conversation,
    prune_memory,
    rename_conversation,
    start_conversation,
)
from apps.queries.models import Conversation, Query
from apps.queries.seeing import visible_queries

SHOWN_QUERIES = 100
REMEMBER = Need(Role.VIEWER, "ask")  # what one asked as an analyst stays one's own as a viewer


class ConversationView(QueryView):
    """Fetches one's own conversations; anybody else's look like not there."""

    def own(self) -> Any:
        rows = Conversation.objects.for_org(self.org).filter(user=self.principal.user)
        return rows.with_counts().select_related("data_source")

    def own_conversation(self, pk: uuid.UUID) -> Conversation:
        """One of one's own. Raises Http404."""
        found: Conversation = get_object_or_404(self.own(), pk=pk)
        return found


class ConversationsView(ConversationView):
    needs = {"GET": READ, "POST": ASK}
    filters = tuple(ConversationFilterSerializer().fields)

    @extend_schema(
        operation_id="conversations_list", parameters=[ConversationFilterSerializer],
        responses=page_of(ConversationShape),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """One's own conversations, newest first."""
        wanted = validated(ConversationFilterSerializer, request.query_params.dict())
        rows = self.own()
        if "data_source" in wanted:
            rows = rows.filter(data_source=self.source(wanted["data_source"]))
        if "since" in wanted:
            rows = rows.filter(last_asked_at__gte=wanted["since"])
        if "search" in wanted:
            said = Query.objects.for_org(self.org).filter(
                conversation=OuterRef("pk"), question__icontains=wanted["search"]
            )
            rows = rows.filter(Q(title__icontains=wanted["search"]) | Exists(said))
        page = NewestFirst()
        found: Any = page.paginate_queryset(rows, request, view=self)
        return page.get_paginated_response([conversation_json(one) for one in found])

    @extend_schema(request=ConversationSerializer, responses={201: ConversationShape})
    def post(self, request: Request) -> Response:
        """Start an empty conversation about a data source."""
        wanted = checked(ConversationSerializer, request)
        source = self.source(wanted["data_source"])
        made = start_conversation(principal=self.principal, source=source, title=wanted["title"])
        return Response(conversation_json(self.own_conversation(made.pk)), status=201)


class OneConversationView(ConversationView):
    needs = {"GET": READ, "PATCH": REMEMBER, "DELETE": REMEMBER}

    @extend_schema(responses=WholeConversationShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One conversation with what was asked in it."""
        conversation = self.own_conversation(pk)
        rows = visible_queries(self.principal).filter(conversation=conversation)
        latest = list(rows.select_related("data_source", "user", "last_run").order_by("-id")[:SHOWN_QUERIES])
        return Response(whole_conversation_json(conversation, latest[::-1]))

    @extend_schema(request=TitleSerializer, responses=ConversationShape)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Give it another title."""
        conversation = self.own_conversation(pk)
        rename_conversation(conversation, checked(TitleSerializer, request)["title"])
        return Response(conversation_json(conversation))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Forget it: nothing asked in it is remembered; the history keeps its queries."""
        forget_conversation(principal=self.principal, conversation=self.own_conversation(pk))
        return Response(status=204)


class SimilarView(ConversationView):
    needs = {"GET": READ}

    @extend_schema(parameters=[SimilarSerializer], responses=SimilarShape)
    def get(self, request: Request) -> Response:
        """What was asked and answered before and says nearly the same, as far as one may see."""
        wanted = validated(SimilarSerializer, request.query_params.dict())
        source = self.source(wanted["data_source"]) if "data_source" in wanted else None
        found = asked_before(self.principal, wanted["question"], source=source)
        return Response({"results": [asked_before_json(one) for one in found]})


class PruneView(ConversationView):
    needs = {"POST": MANAGE}

    @extend_schema(request=PruneSerializer, responses=PrunedShape)
    def post(self, request: Request) -> Response:
        """Forget all conversations of the organization in which nothing was asked for so many days."""
        days = checked(PruneSerializer, request)["older_than_days"]
        return Response({"conversations": prune_memory(principal=self.principal, older_than_days=days)})
