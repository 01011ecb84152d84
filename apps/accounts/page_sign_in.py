"""How a browser's session becomes a person's: whoever vouched for them, the second factor comes before."""

import time
import uuid

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts.models import User
from apps.accounts.services.sign_in import record_sign_in

PENDING_KEY = "pending_sign_in"
HOW_KEY = "signed_in_by"
PENDING_SECONDS = 600
BACKEND = "django.contrib.auth.backends.ModelBackend"


def enter(request: HttpRequest, user: User, *, how: str, next_url: str = "") -> HttpResponse:
    """Sign a person in whose first factor is proven, or ask for the second. `how` says who vouched."""
    if user.has_second_factor:
        ask_for_second_factor(request, user, how=how, next_url=next_url)
        return redirect("sign-in-code")
    return complete(request, user, how=how, next_url=next_url)


def ask_for_second_factor(request: HttpRequest, user: User, *, how: str, next_url: str = "") -> None:
    """Remember in the session, which stays nobody's, whose code is awaited."""
    request.session.cycle_key()
    request.session[PENDING_KEY] = {
        "user": str(user.pk), "version": user.session_version, "how": how, "next": next_url, "since": time.time(),
    }  # fmt: skip


def pending_user(request: HttpRequest) -> User | None:
    """Whose code this session waits for; nobody after ten minutes, or if all their sign-ins were ended meanwhile."""
    pending = request.session.get(PENDING_KEY)
    if pending is None or time.time() - pending["since"] > PENDING_SECONDS:
        return None
    wanted = User.objects.filter(pk=uuid.UUID(pending["user"]), is_active=True, session_version=pending["version"])
    return wanted.first()


def complete_pending(request: HttpRequest, user: User) -> HttpResponse:
    """Sign in the person whose code was right."""
    pending = request.session.pop(PENDING_KEY)
    return complete(request, user, how=pending["how"], next_url=pending["next"])


def complete(request: HttpRequest, user: User, *, how: str, next_url: str = "") -> HttpResponse:
    """Make the session the person's, under a new key, and go on."""
    login(request, user, backend=BACKEND)
    request.session[HOW_KEY] = how
    record_sign_in(user, how=how)
    is_ours = url_has_allowed_host_and_scheme(next_url, {request.get_host()}, require_https=request.is_secure())
    return redirect(next_url if is_ours else "/")
