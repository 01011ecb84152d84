"""REST routes of evaluations, and of what a data source requires of them."""

import uuid
from dataclasses import replace
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import ASK, MANAGE, READ
from apps.accounts.shapes import page_of
from apps.common.bodies import checked
from apps.common.pagination import NewestFirst
from apps.datasources.models import DataSource
from apps.queries.api import QueryView, validated
from apps.queries.evaluation.flips import Fate, difference
from apps.queries.evaluations.gate import remove_requirement, set_requirement
from apps.queries.evaluations.models import Evaluation, EvaluationRequirement
from apps.queries.evaluations.presentation import (
    case_json,
    difference_json,
    evaluation_json,
    fate_of,
    requirement_json,
)
from apps.queries.evaluations.serializers import (
    CaseFilterSerializer,
    EvaluationFilterSerializer,
    EvaluationSerializer,
    RequirementSerializer,
)
from apps.queries.evaluations.services import EvaluationRequest, cancel_evaluation, start_evaluation
from apps.queries.evaluations.settings import EvaluationSettings, settings_in_force
from apps.queries.evaluations.shapes import CaseShape, DifferenceShape, EvaluationShape, RequirementShape
from apps.queries.seeing import visible_cases


class EvaluationView(QueryView):
    """Fetches one evaluation of the organization."""

    def evaluation(self, pk: uuid.UUID) -> Evaluation:
        found: Evaluation = get_object_or_404(Evaluation.objects.for_org(self.org).with_progress(), pk=pk)
        return found

    def fates(self, evaluation: Evaluation) -> list[Fate]:
        """What became of the questions that this person may see."""
        finished = visible_cases(self.principal, evaluation).filter(finished_at__isnull=False)
        return [fate_of(case) for case in finished]


class EvaluationsView(EvaluationView):
    needs = {"GET": READ, "POST": ASK}
    filters = tuple(EvaluationFilterSerializer().fields)

    def group_for(self, request: Request) -> str:
        return "ask" if request.method == "POST" else "api"

    @extend_schema(
        operation_id="evaluations_list", parameters=[EvaluationFilterSerializer], responses=page_of(EvaluationShape)
    )
    def get(self, request: Request) -> Response:
        """Evaluations, newest first."""
        wanted = validated(EvaluationFilterSerializer, request.query_params.dict())
        rows = Evaluation.objects.for_org(self.org).with_progress()
        if "status" in wanted:
            rows = rows.filter(status=wanted["status"])
        if "data_source" in wanted:
            rows = rows.filter(data_source=self.source(wanted["data_source"]))
        page = NewestFirst()
        found: Any = page.paginate_queryset(rows, request, view=self)
        return page.get_paginated_response([evaluation_json(one) for one in found])

    @extend_schema(request=EvaluationSerializer, responses={202: EvaluationShape})
    def post(self, request: Request) -> Response:
        """Put an engine to a data source's verified queries."""
        body = checked(EvaluationSerializer, request)
        source = self.source(body["data_source"])
        wanted = EvaluationRequest(
            source, self._settings(source, body), runs=body["runs"], includes_proposed=body["include_proposed"]
        )
        started = start_evaluation(principal=self.principal, request=wanted)
        response = Response(evaluation_json(self.evaluation(started.pk)), status=202)
        response["Location"] = f"/api/v1/evaluations/{started.pk}"
        return response

    def _settings(self, source: DataSource, body: dict[str, Any]) -> EvaluationSettings:
        """As in force, but for what the body names."""
        found = settings_in_force(
            self.org, source, engine=body["engine"], reasoning_model=body["reasoning_model"],
            implementation_model=body["implementation_model"],
        )  # fmt: skip
        named = {
            "threshold": body["threshold"], "may_ask": body["clarification_mode"],
            "fiscal_year_start_month": body["fiscal_year_start_month"],
        }  # fmt: skip
        return replace(found, **{name: value for name, value in named.items() if value is not None})


class OneEvaluationView(EvaluationView):
    needs = {"GET": READ}

    @extend_schema(responses=EvaluationShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One evaluation with its figures."""
        return Response(evaluation_json(self.evaluation(pk)))


class CasesView(EvaluationView):
    needs = {"GET": READ}
    filters = tuple(CaseFilterSerializer().fields)

    @extend_schema(
        operation_id="evaluation_cases_list", parameters=[CaseFilterSerializer], responses=page_of(CaseShape)
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """What became of each question, the last first; of those that read nothing hidden from this person."""
        wanted = validated(CaseFilterSerializer, request.query_params.dict())
        rows = visible_cases(self.principal, self.evaluation(pk))
        for name in ("status", "correct", "run"):
            if wanted.get(name) is not None:
                rows = rows.filter(**{name: wanted[name]})
        page = NewestFirst()
        found: Any = page.paginate_queryset(rows, request, view=self)
        return page.get_paginated_response([case_json(one) for one in found])


class CancelEvaluationView(EvaluationView):
    needs = {"POST": ASK}

    @extend_schema(request=None, responses=EvaluationShape)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """End an evaluation that is not finished."""
        cancel_evaluation(self.evaluation(pk), principal=self.principal)
        return Response(evaluation_json(self.evaluation(pk)))


class CompareView(EvaluationView):
    needs = {"GET": READ}

    @extend_schema(responses=DifferenceShape)
    def get(self, request: Request, pk: uuid.UUID, other: uuid.UUID) -> Response:
        """Which questions have another outcome in the other, later, evaluation."""
        before, after = self.evaluation(pk), self.evaluation(other)
        return Response(difference_json(before, after, difference(self.fates(before), self.fates(after))))


class RequirementView(QueryView):
    needs = {"GET": MANAGE, "PUT": MANAGE, "DELETE": MANAGE}

    def data_source(self, pk: uuid.UUID) -> DataSource:
        rows = DataSource.objects.for_org(self.org).select_related("organization")
        found: DataSource = get_object_or_404(rows, pk=pk)
        return found

    @extend_schema(responses=RequirementShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """What an evaluation must show before a change that alters this source's answers."""
        rows = EvaluationRequirement.objects.for_org(self.org)
        return Response(requirement_json(rows.filter(data_source=self.data_source(pk)).first()))

    @extend_schema(request=RequirementSerializer, responses=RequirementShape)
    def put(self, request: Request, pk: uuid.UUID) -> Response:
        """Require it, in the stead of what was required."""
        source = self.data_source(pk)
        body = checked(RequirementSerializer, request)
        return Response(requirement_json(set_requirement(principal=self.principal, source=source, **body)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Require nothing any more."""
        remove_requirement(principal=self.principal, source=self.data_source(pk))
        return Response(status=204)
