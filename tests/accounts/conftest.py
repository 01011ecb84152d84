"""What the tests of accounts share: settings for one test, calls at once, and what the audit log says."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Membership, Organization, Role, User
from apps.accounts.row_security import across_organizations
from apps.accounts.services import add_member
from tests.conftest import PASSWORD


@pytest.fixture
def environment(settings: Any) -> Callable[..., None]:
    """Change variables of the environment for one test."""

    def change(**values: Any) -> None:
        settings.PARLEY = settings.PARLEY.model_copy(update=values)

    return change


@pytest.fixture
def dora(acme: Organization) -> User:
    """Dora administers Acme."""
    return _member(acme, "dora@acme.example", Role.ADMIN)


@pytest.fixture
def erik(acme: Organization) -> User:
    """Erik is an analyst at Acme."""
    return _member(acme, "erik@acme.example", Role.ANALYST)


def _member(organization: Organization, email: str, role: Role) -> User:
    user = User.objects.create_user(email, PASSWORD)
    add_member(organization=organization, user=user, role=role)
    return user


def member_of(organization: Organization, user: User) -> Membership:
    return Membership.objects.select_related("user", "organization").get(organization=organization, user=user)


def actions() -> list[str]:
    """What the audit log says, oldest first."""
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def key_client(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=secret)
    return client


def token_client(access: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client


def sign_in(email: str, password: str = PASSWORD, **more: Any) -> Any:
    body = {"email": email, "password": password, **more}
    return APIClient().post("/api/v1/auth/token", body, format="json")


def all_at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What each call gives, or the exception it ends with; they start together, each with a connection of its own."""
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            with across_organizations("a test"):
                gate.wait(timeout=30)
                results[place] = call()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results
