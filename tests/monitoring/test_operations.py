"""Health, metrics, correlation ids, headers and logs, as operators see them."""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pydantic import SecretStr
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Organization, User
from apps.datasources.models import DataSource
from apps.llm.models import ModelCall
from apps.queries.models import Query
from apps.queries.work import workers
from config.logging import logging_config
from tests.model_server import ModelServer, replies

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]


def break_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("postgresql://parley:s3cret@db.internal refused")

    monkeypatch.setattr(connection, "cursor", refuse)


def test_ready_asks_database_and_redis() -> None:
    body = Client().get("/api/v1/health/ready").json()
    assert body["status"] == "ok"
    assert {check["name"] for check in body["checks"]} == {"database", "redis"}


def test_ready_fails_without_the_database_and_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    break_database(monkeypatch)
    response = Client().get("/api/v1/health/ready")
    assert response.status_code == 503
    assert {check["name"]: check["ok"] for check in response.json()["checks"]} == {"database": False, "redis": True}
    assert "s3cret" not in response.content.decode()


def test_ready_fails_without_redis(settings: Any) -> None:
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}
    response = Client().get("/api/v1/health/ready")
    assert response.status_code == 503
    assert {check["name"]: check["ok"] for check in response.json()["checks"]} == {"database": True, "redis": False}


def test_live_needs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    break_database(monkeypatch)
    assert Client().get("/api/v1/health/live").status_code == 200


def test_the_detailed_report_is_for_administrators(
    alice: User, bob: User, acme: Organization, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "ANSWER_SECONDS", 0)  # nobody answers that quickly, also where a platform runs beside
    assert client_of(bob).get("/api/v1/health/detailed").status_code == 403
    body = client_of(alice).get("/api/v1/health/detailed").json()
    by_name = {check["name"]: check["ok"] for check in body["checks"]}
    assert by_name == {
        "database": True, "redis": True, "migrations": True, "workers": False, "models": True, "backlog": True,
    }  # fmt: skip


def test_metrics_count_what_happens(alice: User, source: DataSource, client_of: ClientOf) -> None:
    def accepted() -> float:
        text = Client().get("/api/v1/metrics/prometheus").content.decode()
        lines = [line for line in text.splitlines() if line.startswith('parley_queries_accepted_total{surface="api"}')]
        return float(lines[0].split()[-1]) if lines else 0.0

    before = accepted()
    body = {"question": "How many customers are there?", "data_source": "sample"}
    client_of(alice).post("/api/v1/queries", body, format="json")
    assert accepted() == before + 1


def test_metrics_ask_for_the_token_where_one_is_set(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from pydantic import SecretStr

    monkeypatch.setattr(settings.PARLEY, "metrics_token", SecretStr("scrape-me"))
    assert Client().get("/api/v1/metrics/prometheus").status_code == 401
    assert Client().get("/api/v1/metrics/prometheus", headers={"Authorization": "Bearer scrape-me"}).status_code == 200


def test_metrics_are_closed_in_production_without_a_token(settings: Any) -> None:
    settings.METRICS_ARE_OPEN = False
    assert Client().get("/api/v1/metrics/prometheus").status_code == 401


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("0123456789abcdef", True),
        ("a" * 65, False),
        ("short", False),
        ("with space 123", False),
        ("x\ny12345678", False),
    ],
)
def test_a_well_formed_correlation_id_is_taken_and_any_other_replaced(given: str, taken: bool) -> None:
    response = Client().get("/api/v1/health/live", headers={"X-Request-ID": given})
    assert (response["X-Request-ID"] == given) is taken
    assert response["X-Response-Time"].endswith("ms")


def test_every_answer_has_the_security_headers() -> None:
    for path in ("/sign-in", "/api/v1/health/live", "/api/v1/nowhere", "/admin/login/"):
        response = Client().get(path)
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        assert response["Referrer-Policy"] == "same-origin"
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert ("unsafe" in policy) is path.startswith("/admin/")


def test_only_listed_origins_may_call_from_a_browser(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    assert Client().options("/api/v1/queries", headers=headers)["Access-Control-Allow-Origin"] == "https://app.example"
    headers["Origin"] = "https://evil.example"
    assert "Access-Control-Allow-Origin" not in Client().options("/api/v1/queries", headers=headers)


def test_an_unknown_address_of_the_api_answers_the_envelope() -> None:
    response = Client().get("/api/v1/nowhere")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
    assert response.json()["error"]["correlation_id"] == response["X-Request-ID"]


def test_a_log_line_is_json_with_its_context_and_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    config = logging_config(level="INFO", output="json")
    formatter = config["formatters"]["structured"]
    handler = logging.StreamHandler()
    handler.setFormatter(formatter["()"](**{key: value for key, value in formatter.items() if key != "()"}))
    record = logging.LogRecord("apps.x", logging.INFO, "x.py", 1, "signed in", None, None)
    record.password = "s3cret"  # type: ignore[attr-defined]
    line = json.loads(handler.format(record))
    assert line["message"] == "signed in"
    assert line["level"] == "info"
    assert "T" in line["timestamp"]
    assert "s3cret" not in json.dumps(line)


def test_a_scraper_with_a_broken_token_is_a_401(client: Client, settings: Any) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"metrics_token": SecretStr("s3cret")})
    response = client.get("/api/v1/metrics/prometheus", headers={"Authorization": "Bearer \xff"})
    assert response.status_code == 401


@pytest.mark.django_db(transaction=True)
def test_one_correlation_id_leads_from_the_call_to_everything_it_caused(
    alice: User, source: DataSource, client_of: ClientOf, settings: Any
) -> None:
    with ModelServer(replies([{"json": {"readings": [{"sql": "SELECT COUNT(*) AS n FROM orders"}]}}])) as server:
        settings.PARLEY = settings.PARLEY.model_copy(update={"model_name": "small", "model_base_url": server.url})
        asked = {"question": "How many orders are there?", "data_source": "sample", "engine": "model"}
        headers = {"X-Request-ID": "correlation-of-this-call", "Prefer": "wait=30"}
        answer = client_of(alice).post("/api/v1/queries", asked, format="json", headers=headers)
    assert answer.json()["status"] == "answered"
    query = Query.objects.get(pk=answer.json()["id"])
    found = {
        answer["X-Request-ID"],
        answer.json()["correlation_id"],
        query.correlation_id,
        *ModelCall.objects.values_list("correlation_id", flat=True),
        AuditEvent.objects.get(action="query.answered").correlation_id,
        server.received[0].headers["x-request-id"],
    }
    assert found == {"correlation-of-this-call"}
    for moment in (answer.json()["created_at"], answer.json()["result"]["read_at"]):
        assert datetime.fromisoformat(moment).utcoffset() is not None
