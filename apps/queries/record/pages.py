"""What a query's page offers beside the answer: another run of it, and files of what is on record."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST
from rest_framework.exceptions import ValidationError

from apps.accounts.permissions import ASK, READ
from apps.accounts.rate_limits import count_call
from apps.accounts.sessions import PageRequest, organization_page
from apps.common.errors import AppError
from apps.queries.forms import ReplayForm, answered_by
from apps.queries.models import Query
from apps.queries.record.handing_out import take_dossier, trace_for
from apps.queries.record.replaying import replay
from apps.queries.seeing import visible_queries, withheld
from apps.queries.serializers import check_models_are_used


@require_POST
@organization_page(ASK)
def replay_page(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Ask a query of one's own again, as another run of it, perhaps of another engine or model."""
    rows = visible_queries(request.principal)
    asked: Query = get_object_or_404(rows, pk=pk, user=request.principal.user)
    form = ReplayForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["answered_by"])))
        return redirect("query", pk=pk)
    changes = answered_by(form.cleaned_data["answered_by"])
    try:
        check_models_are_used({**asked.options, **changes})
        count_call(request, "ask")
        replay(asked, principal=request.principal, changes=changes)
    except ValidationError:
        messages.error(request, "This question was asked with web research, which the built-in engine does not do.")
    except AppError as error:
        messages.error(request, error.message)
    return redirect("query", pk=pk)


@require_GET
@organization_page(READ)
def trace_file(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """All runs with their plans, steps and calls to models, as the API tells them."""
    return _file(trace_for(request.principal, _query(request, pk)), f"parley-trace-{pk}.json")


@require_GET
@organization_page(READ)
def dossier_file(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Everything on record about the query as one file."""
    query = _query(request, pk)
    try:
        count_call(request, "export")
    except AppError as error:
        messages.error(request, error.message)
        return redirect("query", pk=pk)
    return _file(take_dossier(request.principal, query), f"parley-{pk}.json")


def _query(request: PageRequest, pk: uuid.UUID) -> Query:
    found: Query = get_object_or_404(visible_queries(request.principal).with_record(), pk=pk)
    return withheld(found)


def _file(body: dict[str, Any], name: str) -> JsonResponse:
    response = JsonResponse(body, json_dumps_params={"indent": 1, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"  # a policy that becomes tighter holds at once
    return response
