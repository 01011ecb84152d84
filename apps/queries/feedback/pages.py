"""The part of a query's page where people say what they think of the answer."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST
from rest_framework.exceptions import ValidationError

from apps.accounts.permissions import ASK, READ
from apps.accounts.principal import Principal
from apps.accounts.sessions import PageRequest, organization_page, render_page
from apps.common.errors import AppError
from apps.queries.api import validated
from apps.queries.feedback.models import Feedback, FeedbackReason
from apps.queries.feedback.serializers import CORRECTIONS, FeedbackSerializer
from apps.queries.feedback.services import Given, follows_another, give_feedback
from apps.queries.models import Query
from apps.queries.presentation import query_json
from apps.queries.seeing import visible_queries, withheld

FIELDS = tuple(FeedbackSerializer().fields)


@require_POST
@organization_page(READ)
def feedback_part(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Take a verdict, perhaps with reasons and a correction; the same part again."""
    rows = visible_queries(request.principal).with_record()
    query = withheld(get_object_or_404(rows, pk=pk))
    problem = ""
    try:
        give_feedback(principal=request.principal, query=query, given=_given(request, query))
    except AppError as error:
        problem = error.message
    except ValidationError as error:
        problem = " ".join(f"{name}: {' '.join(map(str, told))}" for name, told in dict(error.detail).items())  # type: ignore[arg-type]
    again = withheld(rows.get(pk=pk))
    context = {"query": again, "body": query_json(again), "feedback_problem": problem}
    return render_page(request, "queries/_feedback.html", {**context, **feedback_context(request.principal, again)})


def _given(request: PageRequest, query: Query) -> Given:
    """What the form holds; a correction that changes nothing is none. Raises ValidationError naming the fields."""
    sent = {name: request.POST[name].replace("\r\n", "\n") for name in FIELDS if request.POST.get(name)}
    if "quick" in request.POST:  # a verdict alone takes back nothing that was said beside it
        own = Feedback.objects.for_org(query.organization).filter(query=query, person=request.principal.user).first()
        sent |= {name: getattr(own, name) for name in FIELDS if own and name != "verdict" and getattr(own, name)}
    standing = {"corrected_sql": query.last_run.sql if query.last_run else "", "corrected_question": query.question}
    sent = {name: text for name, text in sent.items() if text.strip() != standing.get(name, "").strip()}
    if any(name in sent for name in CORRECTIONS) and not request.principal.may(*ASK):
        raise PermissionDenied("Your role may say what is wrong, not correct it.")
    return Given(**validated(FeedbackSerializer, sent))


def feedback_context(principal: Principal, query: Query) -> dict[str, Any]:
    """What the part shows beside the query."""
    may_correct = principal.may(*ASK)
    return {
        "reasons": FeedbackReason.choices,
        "may_correct": may_correct,
        "must_say_it_whole": may_correct and query.state.is_final and follows_another(query),
    }
