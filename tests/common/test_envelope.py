"""What is away is told as such: a 503 that says when to come again, not a crash."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from redis.exceptions import ConnectionError as RedisAway
from rest_framework.test import APIClient

from apps.accounts import rate_limits
from apps.accounts.models import Membership, Organization, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(client_of: Callable[[User], APIClient], alice: User, acme: Organization) -> APIClient:
    client = client_of(alice)
    client.raise_request_exception = False
    return client


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


def test_a_database_that_is_away_is_a_503(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Membership.objects, "live", raising(OperationalError("server at 10.0.0.7 closed")))
    response = api.get("/api/v1/queries")
    assert response.status_code == 503
    assert response["Retry-After"] == "2"
    assert response.json()["error"]["code"] == "unavailable"
    assert "10.0.0.7" not in response.content.decode()


def test_nobody_calls_uncounted_while_redis_is_away(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "get_usage", raising(RedisAway("redis at 10.0.0.7")))
    response = api.get("/api/v1/queries")
    assert response.status_code == 503
    assert "10.0.0.7" not in response.content.decode()
    assert Client().post("/sign-in", {"username": "alice@acme.example", "password": "x"}).status_code == 503
