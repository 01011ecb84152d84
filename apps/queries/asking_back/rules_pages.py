"""The page of rules: one's own, the organization's, and what waits for a review."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import READ, REVIEW
from apps.accounts.sessions import PageRequest, organization_page, render_page
from apps.clarification.models import Rule, RuleState
from apps.clarification.rules import approve_rule, may_decide, propose_rule, reject_rule, revoke_rule
from apps.common.errors import AppError
from apps.queries.asking_back.rules_api import shown_rules

MOST_SHOWN = 500


ACTS: dict[str, tuple[Callable[..., Rule], str]] = {
    "propose": (propose_rule, "It is proposed for the organization."),
    "revoke": (revoke_rule, "It is revoked: what it settled is asked again."),
    "approve": (approve_rule, "It holds for the organization now."),
    "reject": (reject_rule, "It is declined; it stays its owner's."),
}
OF_REVIEWERS = ("approve", "reject")


@require_GET
@organization_page(READ)
def rules_page(request: PageRequest) -> HttpResponseBase:
    """Rules in force, and for reviewers those proposed."""
    principal = request.principal
    found = shown_rules(principal).exclude(state=RuleState.REVOKED).order_by("-id")[:MOST_SHOWN]
    rules = [{"rule": one, "may_decide": may_decide(one, principal)} for one in found]
    may_review = principal.may(*REVIEW)
    parts = {
        "proposed": [one for one in rules if may_review and one["rule"].state == RuleState.PROPOSED],
        "own": [one for one in rules if one["rule"].person_id == principal.user.pk],
        "organizations": [one for one in rules if one["rule"].is_of_organization],
    }
    return render_page(request, "queries/rules.html", {**parts, "any_rules": bool(rules)})


@require_POST
@organization_page(READ)
def rule_page(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Do what a button of the page says with one rule."""
    rule = get_object_or_404(shown_rules(request.principal), pk=pk)
    act = request.POST.get("act", "")
    if act not in ACTS:
        raise Http404("There is no such act.")
    if act in OF_REVIEWERS and not request.principal.may(*REVIEW):
        raise PermissionDenied("Your role does not allow this.")
    function, told = ACTS[act]
    read: dict[str, Any] = {"seen": _read(request)} if act == "approve" else {}
    try:
        function(rule, principal=request.principal, **read)
    except AppError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, told)
    return redirect("rules")


def _read(request: PageRequest) -> dict[str, str]:
    """The words that stood on the page when the button was pressed."""
    return {
        name: request.POST[name].replace("\r\n", "\n")
        for name in ("phrase", "label", "meaning")
        if name in request.POST
    }
