"""REST routes of feedback: give one's own, look through what others gave, resolve it."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.accounts.permissions import ASK, READ, REVIEW, Need
from apps.accounts.shapes import page_of
from apps.clarification.models import Rule
from apps.common.bodies import checked
from apps.common.pagination import NewestFirst
from apps.knowledge.models import VerifiedQuery
from apps.queries.api import QueryView, validated
from apps.queries.feedback.models import Feedback
from apps.queries.feedback.presentation import feedback_json
from apps.queries.feedback.rates import feedback_rates
from apps.queries.feedback.serializers import (
    CORRECTIONS,
    FeedbackFilterSerializer,
    FeedbackMetricsShape,
    FeedbackSerializer,
    FeedbackShape,
    ResolutionSerializer,
    SinceSerializer,
)
from apps.queries.feedback.services import Given, give_feedback, require_as_read, resolve_feedback
from apps.queries.seeing import visible_feedback, visible_rules, visible_verified_queries

SAY = Need(Role.VIEWER, "ask")
RATES = Need(Role.ANALYST, "read")
RELATED = ("organization", "query__data_source", "person", "reviewer", "verified_query__data_source__organization")


class OwnFeedbackView(QueryView):
    """What oneself says of a query."""

    needs = {"GET": READ, "POST": SAY}

    @extend_schema(responses=FeedbackShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One's own feedback on a query."""
        own = Feedback.objects.for_org(self.org).filter(person=self.principal.user, query=self.query(pk))
        return Response(feedback_json(get_object_or_404(own.select_related(*RELATED)), with_correction=True))

    @extend_schema(request=FeedbackSerializer, responses={200: FeedbackShape})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Say whether the answer was good, and what would be; it takes the place of what one said before."""
        query = self.query(pk)
        body = checked(FeedbackSerializer, request)
        if any(body.get(name) for name in CORRECTIONS) and not self.principal.may(*ASK):
            raise PermissionDenied("Your role may say what is wrong, not correct it.")
        given = give_feedback(principal=self.principal, query=query, given=Given(**body))
        return Response(feedback_json(given, with_correction=True))


class FeedbackView(QueryView):
    """Fetches feedback on queries that this person may see."""

    def shown(self) -> Any:
        return visible_feedback(self.principal).select_related(*RELATED)

    def answer(self, feedback: Any) -> dict[str, Any]:
        return feedback_json(feedback, with_correction=feedback.shows_correction)


class FeedbackListView(FeedbackView):
    needs = {"GET": REVIEW}
    filters = tuple(FeedbackFilterSerializer().fields)

    @extend_schema(
        operation_id="feedback_list", parameters=[FeedbackFilterSerializer], responses=page_of(FeedbackShape)
    )
    def get(self, request: Request) -> Response:
        """Feedback, newest first."""
        wanted = validated(FeedbackFilterSerializer, request.query_params.dict())
        rows = self.shown().filter(**{name: wanted[name] for name in ("state", "verdict", "reason") if name in wanted})
        if "data_source" in wanted:
            rows = rows.filter(query__data_source=self.source(wanted["data_source"]))
        page = NewestFirst()
        found: Any = page.paginate_queryset(rows, request, view=self)
        return page.get_paginated_response([self.answer(one) for one in found])


class ResolveView(FeedbackView):
    needs = {"POST": REVIEW}

    @extend_schema(request=ResolutionSerializer, responses=FeedbackShape)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Close it with what was made of it: a verified query (approved by this), a rule, or nothing."""
        feedback = get_object_or_404(self.shown(), pk=pk)
        body = checked(ResolutionSerializer, request)
        require_as_read(feedback, {name: body[name] for name in CORRECTIONS if name in body})
        resolve_feedback(
            feedback, principal=self.principal, outcome=body["outcome"], note=body.get("note", ""),
            verified_query=self._verified(feedback, body.get("verified_query", feedback.verified_query_id)),
            rule=self._rule(feedback, body.get("rule")),
        )  # fmt: skip
        return Response(self.answer(self.shown().get(pk=pk)))

    def _verified(self, feedback: Feedback, pk: uuid.UUID | None) -> VerifiedQuery | None:
        """One of the same data source."""
        seen = visible_verified_queries(self.principal).filter(data_source=feedback.query.data_source)
        related = seen.select_related("data_source__organization", "organization")
        return get_object_or_404(related, pk=pk) if pk else None

    def _rule(self, feedback: Feedback, pk: uuid.UUID | None) -> Rule | None:
        """One of the same data source."""
        seen = visible_rules(self.principal).filter(data_source=feedback.query.data_source)
        return get_object_or_404(seen, pk=pk) if pk else None


class FeedbackMetricsView(QueryView):
    needs = {"GET": RATES}
    filters = tuple(SinceSerializer().fields)

    @extend_schema(parameters=[SinceSerializer], responses=FeedbackMetricsShape)
    def get(self, request: Request) -> Response:
        """How answers are taken: figures only."""
        wanted = validated(SinceSerializer, request.query_params.dict())
        return Response(feedback_rates(self.org, wanted.get("since")))
