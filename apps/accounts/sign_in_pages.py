"""Signing in and out on pages: password, second factor, OpenID Connect."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import oidc
from apps.accounts.audit import record_audit
from apps.accounts.forms import CodeForm
from apps.accounts.mail import is_mail_configured
from apps.accounts.models import User
from apps.accounts.page_sign_in import complete_pending, enter, pending_user
from apps.accounts.rate_limits import count_call
from apps.accounts.services.external_identities import person_of
from apps.accounts.services.sign_in import check_password, check_second_factor
from apps.accounts.sessions import render_page
from apps.common.errors import AppError


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """E-mail and password; limited like the token route."""
    if request.user.is_authenticated:
        return redirect("ask")
    if request.method == "POST":
        return _signed_in(request)
    if pending_user(request) is not None:
        return redirect("sign-in-code")
    return _sign_in_form(request, AuthenticationForm(request))


def _signed_in(request: HttpRequest) -> HttpResponse:
    email, password = request.POST.get("username", ""), request.POST.get("password", "")
    try:
        count_call(request, "login")
        user = check_password(request, email=email, password=password)
    except AppError as error:
        form = AuthenticationForm(request, {"username": email})
        form.errors.clear()
        form.add_error(None, error.message)
        return _sign_in_form(request, form, error)
    return enter(request, user, how="password", next_url=request.POST.get("next", ""))


def _sign_in_form(request: HttpRequest, form: AuthenticationForm, error: AppError | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "oidc_label": settings.PARLEY.oidc_label if oidc.is_oidc_configured() else "",
        "may_reset": is_mail_configured(),
    }
    return _told(render_page(request, "accounts/sign_in.html", context, _status(error)), error)


@never_cache
@require_http_methods(["GET", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """The second factor of whoever's password was right just now."""
    user = pending_user(request)
    if user is None:
        return redirect("sign-in")
    form = CodeForm(request.POST or None)
    error: AppError | None = None
    if form.is_valid():
        try:
            check_second_factor(request, user, form.cleaned_data["code"])
            return complete_pending(request, user)
        except AppError as refused:
            error = refused
            form.add_error(None, error.message)
    return _told(render_page(request, "accounts/code.html", {"form": form}, _status(error)), error)


@require_POST
def sign_out_page(request: HttpRequest) -> HttpResponse:
    """End this session."""
    if isinstance(request.user, User):
        record_audit("sign_in.ended", organization=None, actor=request.user, target=request.user)
    logout(request)
    return redirect("sign-in")


@require_POST
def oidc_page(request: HttpRequest) -> HttpResponse:
    """Go to the provider."""
    if not oidc.is_oidc_configured():
        return redirect("sign-in")
    try:
        count_call(request, "login")
        return oidc.begin(request)
    except AppError as error:
        return _refused(request, error)


@never_cache
@require_GET
def oidc_callback_page(request: HttpRequest) -> HttpResponse:
    """Come back from the provider."""
    if not oidc.is_oidc_configured():
        return redirect("sign-in")
    try:
        count_call(request, "login")
        user = person_of(oidc.finish(request))
    except AppError as error:
        record_audit("sign_in.failed", organization=None, outcome="failed", how="oidc", code=error.error_code)
        return _refused(request, error)
    return enter(request, user, how="oidc")


def _refused(request: HttpRequest, error: AppError) -> HttpResponse:
    form = AuthenticationForm(request, {})
    form.errors.clear()
    form.add_error(None, error.message)
    return _sign_in_form(request, form, error)


def _status(error: AppError | None) -> int:
    """A refused password is a page like any other (200), as browsers expect; limits and outages say what they are."""
    return error.status if error is not None and error.status in (429, 503) else 200


def _told(response: HttpResponse, error: AppError | None) -> HttpResponse:
    if error is not None and error.retry_after_seconds is not None:
        response["Retry-After"] = str(error.retry_after_seconds)
    return response
