"""Pages for who forgot their password."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts.attempts import count_reset
from apps.accounts.forms import ResetForm, ResetRequestForm
from apps.accounts.mail import is_mail_configured
from apps.accounts.rate_limits import count_call
from apps.accounts.services.passwords import request_reset, reset_password
from apps.accounts.sessions import render_page
from apps.common.errors import AppError

TOKEN_KEY = "password_reset_token"  # noqa: S105  (a session's key)
HIDDEN = "now"


@require_http_methods(["GET", "POST"])
def reset_request_page(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same whether or not there is an account."""
    if not is_mail_configured():
        raise Http404("This installation sends no e-mail.")
    form = ResetRequestForm(request.POST or None)
    if form.is_valid():
        try:
            count_call(request, "login")
            count_reset(request, form.cleaned_data["email"])
        except AppError as error:
            form.add_error(None, error.message)
            return render_page(request, "accounts/reset_request.html", {"form": form}, error.status)
        request_reset(form.cleaned_data["email"])
        messages.success(request, "If that address has an account, a link is on its way to it.")
        return redirect("sign-in")
    return render_page(request, "accounts/reset_request.html", {"form": form})


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def reset_page(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Set a new password. The link's token moves into the session first, so that no address bar or log keeps it."""
    if token != HIDDEN:
        request.session[TOKEN_KEY] = token
        return redirect("password-reset-confirm", uid=uid, token=HIDDEN)
    form = ResetForm(request.POST or None)
    if form.is_valid():
        try:
            count_call(request, "login")
            reset_password(uid=uid, token=request.session.get(TOKEN_KEY, ""), new=form.cleaned_data["password"])
        except AppError as error:
            form.add_error(None, error.message)
        else:
            request.session.pop(TOKEN_KEY)
            messages.success(request, "Your password is changed. Sign in with it.")
            return redirect("sign-in")
    return render_page(request, "accounts/reset.html", {"form": form})
