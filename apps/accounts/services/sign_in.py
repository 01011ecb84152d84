"""Signing in: a password, or somebody else's word for it, then the second factor where the person has one."""

from typing import Any

import structlog
from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login

from apps.accounts.attempts import count_password_try, count_second_factor_try
from apps.accounts.audit import record_audit
from apps.accounts.errors import SignInRefused
from apps.accounts.models import User
from apps.accounts.services.second_factor import spend_code
from apps.accounts.services.token_families import begin_family
from apps.accounts.tokens import Pair

log = structlog.get_logger(__name__)
REFUSED = "No active account found with the given credentials"


def check_password(request: Any, *, email: str, password: str) -> User:
    """The person of an address and its password. Unknown, inactive and wrong look, and take, the same.

    Raises: SignInRefused, TooManyRequests.
    """
    email = email.replace("\x00", "")  # PostgreSQL's text has none
    count_password_try(request, email)
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        record_audit("sign_in.failed", organization=None, outcome="failed", how="password", email=_shown(email))
        raise SignInRefused(REFUSED)
    return user


def check_second_factor(request: Any, user: User, code: str) -> None:
    """Spend a code of the person's. Raises SignInRefused, TooManyRequests."""
    count_second_factor_try(request, str(user.pk))
    if not spend_code(user, code):
        record_audit("sign_in.failed", organization=None, actor=user, outcome="failed", how="second_factor")
        raise SignInRefused("This code is not right, or was used already.", code="second_factor_wrong")


def sign_in_for_tokens(request: Any, *, email: str, password: str, otp: str | None) -> Pair:
    """A pair of tokens. Raises SignInRefused (`second_factor_required` asks for `otp`), TooManyRequests."""
    user = check_password(request, email=email, password=password)
    if user.has_second_factor:
        if otp is None:
            raise SignInRefused("Send the code of your second factor as `otp`.", code="second_factor_required")
        check_second_factor(request, user, otp)
    record_sign_in(user, how="token")
    return begin_family(user)


def record_sign_in(user: User, *, how: str) -> None:
    """Note that a person got in, and how."""
    update_last_login(User, user)
    record_audit("sign_in.succeeded", organization=None, actor=user, target=user, how=how)


def _shown(email: str) -> str:
    """The address that was tried; what is no address may be a password in the wrong field."""
    return email[:254] if "@" in email else ""
