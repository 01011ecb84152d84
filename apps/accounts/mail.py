"""E-mail to people, through whatever server the installation names; without one, nothing is sent and callers say so."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse


def is_mail_configured() -> bool:
    """True if the installation can send e-mail."""
    return settings.PARLEY.mail_host is not None


def send(template: str, *, to: str, **context: Any) -> None:
    """Send `templates/mail/<template>.txt`, whose first line is the subject."""
    subject, _, body = render_to_string(f"mail/{template}.txt", context).partition("\n")
    send_mail(subject.strip(), body.lstrip("\n"), settings.DEFAULT_FROM_EMAIL, [to])


def absolute_url(name: str, query: str = "", kwargs: Mapping[str, str] | None = None) -> str:
    """The address of a page as people reach it, from the settings: never from a request's Host header."""
    path = reverse(name, kwargs=dict(kwargs or {}))
    return f"{settings.PARLEY.public_url.rstrip('/')}{path}{'?' + query if query else ''}"
