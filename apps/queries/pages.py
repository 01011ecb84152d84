"""The pages: ask, watch the steps, answer what is asked back, read the answer, look through the history."""

import uuid
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import ASK, READ
from apps.accounts.rate_limits import count_call
from apps.accounts.sessions import SESSION_KEY, PageRequest, memberships_of, organization_page
from apps.common.errors import AppError
from apps.datasources.models import DataSource
from apps.queries.charts import draw_svg
from apps.queries.downloads import FORMATS, download
from apps.queries.feedback.pages import feedback_context
from apps.queries.forms import AskForm, HistoryForm, ReplayForm
from apps.queries.models import Conversation, Query
from apps.queries.presentation import query_json
from apps.queries.seeing import visible_queries, withheld
from apps.queries.services import Request, answer_and_go_on, ask, cancel_query, dismiss_and_go_on

PAGE_SIZE = 20
SHOWN_ROWS = 100


@require_http_methods(["GET", "POST"])
@organization_page(READ)
def ask_page(request: PageRequest) -> HttpResponseBase:
    """The form, and the last few queries under it."""
    sources = DataSource.objects.for_org(request.principal.organization).active().order_by("label", "name")
    if request.method == "POST":
        return _asked(request, sources)
    wanted = request.GET.get("data_source")
    chosen = next((source for source in sources if source.name == wanted), sources.first())
    form = AskForm(sources=sources, initial={"data_source": chosen, "question": request.GET.get("question", "")})
    return _ask_form(request, form)


def _asked(request: PageRequest, sources: Any) -> HttpResponseBase:
    form = AskForm(request.POST, sources=sources)
    if not request.principal.may(ASK.role, ASK.scope):
        form.add_error(None, "Your role may read, not ask.")
    if not form.is_valid():
        return _ask_form(request, form, status=400)
    conversation = None
    if form.cleaned_data["conversation"]:
        mine = Conversation.objects.for_org(request.principal.organization).filter(user=request.principal.user)
        conversation = get_object_or_404(mine, pk=form.cleaned_data["conversation"])
    try:
        count_call(request, "ask")
        query = ask(
            principal=request.principal,
            request=Request(
                form.cleaned_data["question"], form.cleaned_data["data_source"], form.options, conversation
            ),
            surface="page",
        )
    except AppError as error:
        form.add_error(None, error.message)
        return _ask_form(request, form, status=error.status)
    return redirect("query", pk=query.pk)


def _ask_form(request: PageRequest, form: AskForm, status: int = 200) -> HttpResponse:
    recent = visible_queries(request.principal).filter(user=request.principal.user)
    found = recent.select_related("data_source", "last_run").order_by("-id")[:5]
    context = {"form": form, "recent": [withheld(query) for query in found]}
    return _render(request, "queries/ask.html", context, status)


@require_GET
@organization_page(READ)
def query_page(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """One query with its steps; the part that changes reloads itself while a worker is on it."""
    query = _query(request, pk)
    return _render(request, "queries/query.html", _shown(request, query))


@require_GET
@organization_page(READ)
def live_part(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The changing part of the query's page."""
    return _render(request, "queries/_query.html", _shown(request, _query(request, pk)))


@require_POST
@organization_page(ASK)
def answer_part(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Take the answer to what was asked back; the same part again, now going on."""
    query = _own_query(request, pk)
    if query.clarification is None:
        raise Http404("Nothing was asked.")
    problem = ""
    try:
        if "dismiss" in request.POST:
            dismiss_and_go_on(query.clarification)
        else:
            answer_and_go_on(query.clarification, _answers(request, query), remember="remember" in request.POST)
    except AppError as error:
        problem = error.message
    shown = _shown(request, _query(request, pk))
    return _render(request, "queries/_query.html", {**shown, "problem": problem})


def _answers(request: HttpRequest, query: Query) -> list[Any]:
    clarification = cast(Any, query.clarification)
    answers = []
    for question in clarification.questions.all():
        if question.turn == clarification.turn:
            text = request.POST.get(f"text-{question.name}", "").strip()
            chosen = {"text": text} if text else {"option_id": request.POST.get(f"option-{question.name}")}
            answers.append({"question_id": question.name, **chosen})
    return answers


@require_POST
@organization_page(ASK)
def cancel_page(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """End a query that has no outcome yet."""
    try:
        cancel_query(_own_query(request, pk))
    except AppError as error:
        messages.error(request, error.message)
    return redirect("query", pk=pk)


@require_GET
@organization_page(READ)
def chart_image(request: PageRequest, pk: uuid.UUID, position: int) -> HttpResponseBase:
    """A chart of the query as SVG."""
    run = _query(request, pk).last_run
    charts = list(run.charts.all()) if run else []
    if position >= len(charts):
        raise Http404("There is no such chart.")
    response = HttpResponse(draw_svg(charts[position].spec), content_type="image/svg+xml")
    response["Cache-Control"] = "no-store"  # a policy that becomes tighter holds at once
    return response


@require_GET
@organization_page(READ)
def result_file(request: PageRequest, pk: uuid.UUID, extension: str) -> HttpResponseBase:
    """The whole result as a file."""
    if extension not in FORMATS:
        raise Http404("There is no such format.")
    try:
        count_call(request, "export")
        return download(_query(request, pk), request.principal, extension)
    except AppError as error:
        messages.error(request, error.message)
        return redirect("query", pk=pk)


@require_GET
@organization_page(READ)
def history_page(request: PageRequest) -> HttpResponseBase:
    """All queries that this person may see, newest first, by key: older ones follow the last one shown."""
    sources = DataSource.objects.for_org(request.principal.organization).order_by("name")
    form = HistoryForm(request.GET, sources=sources)
    rows = visible_queries(request.principal).select_related("data_source", "user", "last_run")
    wanted = form.cleaned_data if form.is_valid() else {}
    if wanted.get("search"):
        rows = rows.search(wanted["search"])
    if wanted.get("status"):
        rows = rows.filter(status=wanted["status"])
    if wanted.get("data_source"):
        rows = rows.filter(data_source=wanted["data_source"])
    if wanted.get("before"):
        rows = rows.filter(id__lt=wanted["before"])
    found = list(rows.order_by("-id")[: PAGE_SIZE + 1])
    page = [withheld(query) for query in found[:PAGE_SIZE]]
    parameters = request.GET.copy()
    if len(found) > PAGE_SIZE:
        parameters["before"] = str(page[-1].pk)
    older = parameters.urlencode() if len(found) > PAGE_SIZE else ""
    return _render(request, "queries/history.html", {"form": form, "queries": page, "older": older})


@require_POST
@organization_page(READ)
def switch_organization(request: PageRequest) -> HttpResponseBase:
    """Act in another organization of one's own."""
    slug = request.POST.get("organization", "")
    if slug not in {member.organization.slug for member in memberships_of(request)}:
        raise Http404("You are in no such organization.")
    request.session[SESSION_KEY] = slug
    return redirect("ask")


def _query(request: PageRequest, pk: uuid.UUID) -> Query:
    """One that this person may see, without what they may not. Raises Http404."""
    found: Query = get_object_or_404(visible_queries(request.principal).with_record(), pk=pk)
    return withheld(found)


def _own_query(request: PageRequest, pk: uuid.UUID) -> Query:
    """A query that this person asked: nobody answers or cancels for somebody else."""
    query = _query(request, pk)
    if query.user_id != request.principal.user.pk:
        raise Http404("Not yours.")
    return query


def _shown(request: PageRequest, query: Query) -> dict[str, Any]:
    body = query_json(query)
    rows = body["result"]["rows"] if body["result"] else []
    return {
        "query": query,
        "body": body,
        "shown_rows": rows[:SHOWN_ROWS],
        "hidden_rows": max(0, len(rows) - SHOWN_ROWS),
        "read_at": datetime.fromisoformat(body["result"]["read_at"]) if body["result"] else None,
        "is_mine": query.user_id == request.principal.user.pk,
        "formats": list(FORMATS),
        **feedback_context(request.principal, query),
        "follow_up": AskForm(
            sources=DataSource.objects.for_org(request.principal.organization).active(),
            initial={
                "data_source": query.data_source,
                "conversation": query.conversation_id,
                **AskForm.initial_of(query.options),
            },
        ),
        "replay_form": ReplayForm(),
    }


def _render(request: PageRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    shared = {"principal": request.principal, "memberships": memberships_of(request)}
    return render(request, template, {**shared, **context}, status=status)
