"""Passwords at rest: Fernet, with keys that rotate (the first encrypts, all decrypt)."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from apps.common.errors import AppError


class CredentialsUnreadable(AppError):
    """No key of this installation opens the stored credentials."""

    code = "credentials_unreadable"
    status = 503


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIALS_KEYS])


def encrypt(password: str) -> str:
    """The password as text that only this installation's keys open; empty stays empty."""
    return _keys().encrypt(password.encode()).decode() if password else ""


def decrypt(token: str) -> str:
    """The password again. Raises CredentialsUnreadable if no key fits."""
    if not token:
        return ""
    try:
        return _keys().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise CredentialsUnreadable("The stored credentials cannot be read; enter them again.") from error


def rotate(token: str) -> str:
    """The same password under the newest key."""
    return _keys().rotate(token.encode()).decode() if token else ""
