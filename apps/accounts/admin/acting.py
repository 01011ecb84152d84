"""What the admin pages of accounts share: who acts, a secret shown once, a rule told instead of a crash."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.accounts.models import User
from apps.common.errors import AppError


def actor(request: HttpRequest) -> User:
    """Who administers."""
    return cast(User, request.user)


def show_once(request: HttpRequest, secret: str) -> None:
    """Put a key's text onto the next page, and nowhere else."""
    messages.warning(request, f"The key is {secret} and is shown only now.")


def told(request: HttpRequest, show: Callable[[], HttpResponse]) -> HttpResponse:
    """A page of the admin site, or, where a rule of ours forbids what it would do, the same page with the reason."""
    try:
        return show()
    except AppError as error:
        messages.error(request, error.message)
        return redirect(request.get_full_path())
