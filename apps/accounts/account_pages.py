"""A person's own page: password, second factor, sign-ins."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.attempts import count_password_try, count_second_factor_try
from apps.accounts.forms import CodeForm, EnrolForm, NewOrganizationForm, PasswordForm
from apps.accounts.models import User
from apps.accounts.services.organizations import found_organization, may_found
from apps.accounts.services.passwords import change_password
from apps.accounts.services.second_factor import (
    begin_enrolment,
    confirm_enrolment,
    new_recovery_codes,
    remove_second_factor,
)
from apps.accounts.services.sign_out import sign_out_everywhere
from apps.accounts.sessions import SESSION_KEY, render_page
from apps.common.errors import AppError


@never_cache
@login_required
@require_GET
def account_page(request: HttpRequest) -> HttpResponse:
    """Oneself."""
    return _account(request)


@never_cache
@login_required
@require_POST
@sensitive_post_parameters()
def password_page(request: HttpRequest) -> HttpResponse:
    """Change one's password; this session goes on, every other ends."""
    form = PasswordForm(request.POST)
    if form.is_valid():
        given, user = form.cleaned_data, person(request)
        try:
            count_password_try(request, user.email)
            change_password(user, current=given["current_password"], new=given["new_password"])
        except AppError as error:
            form.add_error(None, error.message)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, "Your password is changed. Every other session has ended.")
            return redirect("account")
    return _account(request, password_form=form)


@login_required
@require_POST
def sign_out_everywhere_page(request: HttpRequest) -> HttpResponse:
    """End every session and token of one's own."""
    sign_out_everywhere(person(request))
    logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("sign-in")


@never_cache
@login_required
@require_POST
@sensitive_post_parameters()
def enrol_page(request: HttpRequest) -> HttpResponse:
    """Begin to set up a second factor: the secret is on this page and on no other."""
    user = person(request)
    form = EnrolForm(request.POST)
    if not user.has_usable_password():
        form.fields["password"].required = False
    if form.is_valid():
        try:
            count_password_try(request, user.email)
            enrolment = begin_enrolment(user, password=form.cleaned_data["password"])
            return render_page(request, "accounts/enrol.html", {"enrolment": enrolment, "form": CodeForm()})
        except AppError as error:
            form.add_error(None, error.message)
    return _account(request, enrol_form=form)


@never_cache
@login_required
@require_POST
def confirm_page(request: HttpRequest) -> HttpResponse:
    """Switch the second factor on; the recovery codes are on this page and on no other."""
    return _with_code(request, confirm_enrolment)


@never_cache
@login_required
@require_POST
def recovery_codes_page(request: HttpRequest) -> HttpResponse:
    """New recovery codes."""
    return _with_code(request, new_recovery_codes)


@never_cache
@login_required
@require_POST
def remove_page(request: HttpRequest) -> HttpResponse:
    """Do without a second factor again."""
    return _with_code(request, remove_second_factor)


@login_required
@require_POST
def new_organization_page(request: HttpRequest) -> HttpResponse:
    """Make an organization of one's own, and act in it from now on."""
    form, user = NewOrganizationForm(request.POST), person(request)
    if form.is_valid():
        try:
            organization = found_organization(**form.cleaned_data, founder=user)
        except AppError as error:
            form.add_error(None, error.message)
        else:
            request.session[SESSION_KEY] = organization.slug
            messages.success(request, f"{organization} is made; you own it.")
            return redirect("members")
    return _account(request, organization_form=form)


def _with_code(request: HttpRequest, act: Any) -> HttpResponse:
    """Do `act` with a code of the person's, and show the recovery codes that it may give."""
    form, user = CodeForm(request.POST), person(request)
    if form.is_valid():
        try:
            count_second_factor_try(request, str(user.pk))
            codes = act(user, form.cleaned_data["code"])
        except AppError as error:
            form.add_error(None, error.message)
        else:
            if codes:
                return render_page(request, "accounts/recovery_codes.html", {"codes": codes})
            messages.success(request, "The second factor is off.")
            return redirect("account")
    return _account(request, code_form=form)


def _account(request: HttpRequest, **forms: Any) -> HttpResponse:
    failed = next((form for form in forms.values() if form.errors), None)
    context = {
        "password_form": PasswordForm(),
        "enrol_form": EnrolForm(),
        "code_form": CodeForm(),
        "organization_form": NewOrganizationForm() if may_found(person(request)) else None,
        **forms,
        "failed": failed,
    }
    return render_page(request, "accounts/account.html", context, 400 if failed else 200)


def person(request: HttpRequest) -> User:
    """Who is signed in."""
    return cast(User, request.user)
