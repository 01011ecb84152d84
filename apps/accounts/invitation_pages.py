"""The page behind an invitation's link: join as who is signed in, or as a new person."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts.errors import InvitationUnusable
from apps.accounts.forms import AcceptForm
from apps.accounts.models import Membership, User
from apps.accounts.page_sign_in import enter
from apps.accounts.rate_limits import count_call
from apps.accounts.services.invitations import accept_as, accept_as_new_person, find_invitation
from apps.accounts.sessions import SESSION_KEY, render_page
from apps.common.errors import AppError

TOKEN_KEY = "invitation_token"  # noqa: S105  (a session's key)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def accept_page(request: HttpRequest) -> HttpResponse:
    """Accept an invitation. Its token moves into the session first, so that no address bar or log keeps it."""
    if "token" in request.GET:
        request.session[TOKEN_KEY] = request.GET["token"][:200]
        return redirect("accept-invitation")
    token = request.session.get(TOKEN_KEY, "")
    try:
        invitation = find_invitation(token)
    except InvitationUnusable as error:
        return render_page(request, "accounts/accept.html", {"problem": error.message}, error.status)
    form = AcceptForm(request.POST if "password" in request.POST else None)
    if request.method == "POST":
        try:
            return _accepted(request, token, form)
        except AppError as error:
            form.add_error(None, error.message) if form.is_bound else messages.error(request, error.message)
    is_other = isinstance(request.user, User) and request.user.email != invitation.email
    context = {"invitation": invitation, "form": form, "is_other": is_other, "here": reverse("accept-invitation")}
    return render_page(request, "accounts/accept.html", context)


def _accepted(request: HttpRequest, token: str, form: AcceptForm) -> HttpResponse:
    count_call(request, "login")
    if request.POST.get("act") == "sign-out":
        logout(request)
        request.session[TOKEN_KEY] = token
        return redirect("accept-invitation")
    if isinstance(request.user, User):
        member = accept_as(request.user, token)
        response: HttpResponse = redirect("ask")
    elif form.is_valid():
        member = accept_as_new_person(token, name=form.cleaned_data["name"], password=form.cleaned_data["password"])
        response = enter(request, member.user, how="invitation")
    else:
        return redirect("accept-invitation")
    _welcome(request, member)
    return response


def _welcome(request: HttpRequest, member: Membership) -> None:
    request.session.pop(TOKEN_KEY, None)
    request.session[SESSION_KEY] = member.organization.slug
    messages.success(request, f"Welcome to {member.organization}.")
