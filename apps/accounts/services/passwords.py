"""Writes on passwords: change one's own, set a new one by a link that was mailed."""

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from apps.accounts.audit import record_audit
from apps.accounts.doorbells import wake
from apps.accounts.mail import absolute_url, is_mail_configured, send
from apps.accounts.models import User
from apps.accounts.passwords import check_new_password
from apps.accounts.services.sign_out import end_all_sign_ins
from apps.common.errors import InvalidInput


def change_password(user: User, *, current: str, new: str) -> None:
    """Set a new password; every session and token of before ends. Raises InvalidInput naming the field."""
    if not user.check_password(current):
        record_audit("password.changed", organization=None, actor=user, target=user, outcome="refused")
        message = "This is not your password."
        raise InvalidInput(message, details={"current_password": [message]})
    check_new_password(new, user=user, field="new_password")
    with transaction.atomic():
        _set_password(user, new)
        record_audit("password.changed", organization=None, actor=user, target=user)


def _set_password(user: User, new: str) -> None:
    user.set_password(new)
    user.save(update_fields=["password"])
    end_all_sign_ins(user)


def request_reset(email: str) -> None:
    """Have a link mailed to an address, if it has an account. Takes the same time and says the same if it has none."""
    if is_mail_configured():
        wake("apps.accounts.tasks.mail_password_reset", email)


def mail_reset_link(email: str) -> None:
    """Send the link of a person who signs in by password; nobody else gets mail."""
    user = User.objects.filter(email=email.lower(), is_active=True).first()
    if user is None or not user.has_usable_password():
        return
    parts = {"uid": urlsafe_base64_encode(force_bytes(user.pk)), "token": default_token_generator.make_token(user)}
    record_audit("password.reset_mailed", organization=None, target=user)
    send("password_reset", to=user.email, link=absolute_url("password-reset-confirm", kwargs=parts))


def reset_password(*, uid: str, token: str, new: str) -> User:
    """Set a new password by a mailed link, which works once. Raises InvalidInput naming `token` or `password`."""
    user = _user_of(uid)
    if user is None or not default_token_generator.check_token(user, token):
        message = "This link was used or has expired; ask for a new one."
        raise InvalidInput(message, details={"token": [message]})
    check_new_password(new, user=user)
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if locked.password != user.password:
            message = "This link was used."
            raise InvalidInput(message, details={"token": [message]})
        _set_password(locked, new)
        if locked.email_verified_at is None:
            locked.email_verified_at = timezone.now()
            locked.save(update_fields=["email_verified_at"])
        record_audit("password.reset", organization=None, actor=locked, target=locked)
    return locked


def _user_of(uid: str) -> User | None:
    try:
        return User.objects.filter(pk=urlsafe_base64_decode(uid).decode(), is_active=True).first()
    except (ValueError, ValidationError):
        return None
