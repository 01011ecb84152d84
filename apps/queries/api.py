"""REST routes of queries. Each method checks the shape, fetches inside the organization and calls one function."""

import uuid
from typing import Any

from django.http import HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from apps.accounts.permissions import ASK, READ, OrganizationView
from apps.common.errors import InvalidInput, NotFound
from apps.common.ids import is_uuid
from apps.common.origins import refuse_other_origins
from apps.common.pagination import NewestFirst
from apps.datasources.models import DataSource
from apps.queries.downloads import FORMATS, download
from apps.queries.events import event_stream
from apps.queries.models import Conversation, Query, Status
from apps.queries.presentation import query_json, summary_json
from apps.queries.seeing import visible_queries, withheld
from apps.queries.serializers import AskSerializer, HistorySerializer, ShortAskSerializer
from apps.queries.services import Request, ask, cancel_query
from apps.queries.shapes import QueryPageShape, QueryShape
from apps.queries.work.waiting import preferred_wait, wait_for_outcome

HEADERS = [
    OpenApiParameter("Prefer", str, OpenApiParameter.HEADER, description="`wait=30`: answer when the query ends."),
    OpenApiParameter("Cache-Control", str, OpenApiParameter.HEADER, description="`no-cache`: rows are read anew."),
    OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="At most 200 characters."),
]
SHORT_FORM_WAIT_SECONDS = 60


class QueryView(OrganizationView):
    """Fetches one query of the organization."""

    def query(self, pk: uuid.UUID) -> Query:
        """One that this person may see, without what they may not. Raises Http404."""
        found: Query = get_object_or_404(visible_queries(self.principal).with_record(), pk=pk)
        return withheld(found)

    def source(self, name: str) -> DataSource:
        """The active source of that name or id. Raises InvalidInput naming the field."""
        sources = DataSource.objects.for_org(self.org).active()
        by_id = sources.filter(pk=name) if is_uuid(name) else sources.none()
        found: DataSource | None = (sources.filter(name=name) | by_id).first()
        if found is None:
            message = f"There is no data source {name!r}."
            raise InvalidInput(message, code="unknown_data_source", details={"data_source": [message]})
        return found

    def only_source(self) -> DataSource:
        """The only active source. Raises InvalidInput where there are several, or none."""
        found = list(DataSource.objects.for_org(self.org).active().order_by("id")[:2])
        if len(found) != 1:
            message = "Name a data source." if found else "There is no data source yet."
            raise InvalidInput(message, details={"data_source": [message]})
        return found[0]

    def conversation(self, pk: uuid.UUID | None) -> Conversation | None:
        """One of this person's own. Raises InvalidInput naming the field."""
        if pk is None:
            return None
        found: Conversation | None = (
            Conversation.objects.for_org(self.org).filter(pk=pk, user=self.principal.user).first()
        )
        if found is None:
            raise InvalidInput("There is no such conversation.", details={"conversation": ["Not found."]})
        return found


class QueriesView(QueryView):
    needs = {"GET": READ, "POST": ASK}
    filters = tuple(HistorySerializer().fields)

    def group_for(self, request: HttpRequest) -> str:
        return "ask" if request.method == "POST" else "api"

    @extend_schema(operation_id="queries_list", parameters=[HistorySerializer], responses=QueryPageShape)
    def get(self, request: HttpRequest) -> Response:
        """History, newest first."""
        page = NewestFirst()
        rows: Any = page.paginate_queryset(self._history(request.query_params), request, view=self)
        return page.get_paginated_response([summary_json(withheld(query)) for query in rows])

    @extend_schema(request=AskSerializer, parameters=HEADERS, responses={200: QueryShape, 202: QueryShape})
    def post(self, request: HttpRequest) -> Response:
        """Ask a question."""
        asked = validated(AskSerializer, request.data)
        key = request.headers.get("Idempotency-Key") or None
        if key is not None and len(key) > 200:
            raise ValidationError({"Idempotency-Key": ["At most 200 characters."]})
        if "no-cache" in request.headers.get("Cache-Control", ""):
            asked["wants_new_rows"] = True
        query = ask(
            principal=self.principal,
            request=Request(
                question=asked.pop("question"),
                data_source=self.source(asked.pop("data_source")),
                conversation=self.conversation(asked.pop("conversation")),
                options=asked,
                idempotency_key=key,
            ),
            surface="api",
        )
        return answered_when_ready(self, query, preferred_wait(request.headers.get("Prefer", "")))

    def _history(self, parameters: QueryDict) -> Any:
        wanted = validated(HistorySerializer, parameters.dict())
        rows = visible_queries(self.principal).select_related("data_source", "user", "last_run")
        if "search" in wanted:
            rows = rows.search(wanted["search"])
        if "status" in wanted:
            if wanted["status"] not in Status.values:
                raise ValidationError({"status": [f"One of {', '.join(Status.values)}."]})
            rows = rows.filter(status=wanted["status"])
        if "data_source" in wanted:
            rows = rows.filter(data_source=self.source(wanted["data_source"]))
        if "since" in wanted:
            rows = rows.filter(created_at__gte=wanted["since"])
        return rows


class OneQueryView(QueryView):
    needs = {"GET": READ}

    @extend_schema(responses=QueryShape)
    def get(self, request: HttpRequest, pk: uuid.UUID) -> Response:
        """One query."""
        return Response(query_json(self.query(pk)))


class EventsView(QueryView):
    needs = {"GET": READ}

    @extend_schema(responses={(200, "text/event-stream"): OpenApiTypes.STR})
    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
        """Each step as it ends, then the query (server-sent events)."""
        refuse_other_origins(request)
        return event_stream(self.query(pk), self.authorized_again, last_seen=request.headers.get("Last-Event-ID", ""))


class ResultView(QueryView):
    needs = {"GET": READ}
    rate_group = "export"

    @extend_schema(responses={200: OpenApiTypes.BINARY})
    def get(self, request: HttpRequest, pk: uuid.UUID, extension: str) -> HttpResponseBase:
        """The whole result as a file."""
        if extension not in FORMATS:
            raise NotFound(f"There is no format {extension!r}; there are {', '.join(FORMATS)}.")
        return download(self.query(pk), self.principal, extension)


class CancelView(QueryView):
    needs = {"POST": ASK}

    @extend_schema(request=None, responses=QueryShape)
    def post(self, request: HttpRequest, pk: uuid.UUID) -> Response:
        """End a query of one's own that has no outcome yet."""
        cancel_query(get_object_or_404(Query.objects.for_org(self.org), pk=pk, user=self.principal.user))
        return Response(query_json(self.query(pk)))


class ShortFormView(QueryView):
    """The short synchronous form of asking."""

    needs = {"POST": ASK}
    rate_group = "ask"

    @extend_schema(request=ShortAskSerializer, responses={200: QueryShape, 202: QueryShape})
    def post(self, request: HttpRequest) -> Response:
        """Ask and wait for the outcome."""
        asked = validated(ShortAskSerializer, request.data)
        source = self.source(asked["data_source"]) if "data_source" in asked else self.only_source()
        options = {"clarification_mode": asked["clarification_mode"]}
        query = ask(principal=self.principal, request=Request(asked["query"], source, options), surface="api")
        return answered_when_ready(self, query, SHORT_FORM_WAIT_SECONDS)


def validated(serializer: Any, data: Any) -> dict[str, Any]:
    """The checked body. Raises ValidationError naming the fields."""
    filled = serializer(data=data)
    filled.is_valid(raise_exception=True)
    return dict(filled.validated_data)


def answered_when_ready(view: QueryView, query: Query, wait_seconds: float) -> Response:
    """200 with the outcome if it comes in time, else 202 with the query as it stands."""
    ended = wait_for_outcome(query, wait_seconds)
    if wait_seconds:
        view.authorized_again()
    body = query_json(view.query(query.pk))
    response = Response(body, status=200 if ended else 202)
    response["Location"] = body["links"]["self"]
    if wait_seconds:
        response["Preference-Applied"] = f"wait={wait_seconds:g}"
    return response
