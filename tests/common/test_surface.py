"""What every answer carries, and what is not let in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Organization, User
from apps.datasources.models import DataSource
from apps.queries.models import Query

PAGE_POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
}  # fmt: skip


def boom(*_: Any, **__: Any) -> None:
    raise RuntimeError("postgresql://parley:secret@10.0.0.7/parley")


@pytest.fixture
def browser(settings: Any) -> Client:
    """As production answers over HTTPS."""
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    return Client(raise_request_exception=False)


@pytest.fixture
def signed_in(browser: Client, acme: Organization, alice: User) -> Client:
    browser.force_login(alice)
    return browser


ANSWERS: list[tuple[str, str, int]] = [
    ("get", "/sign-in", 200),
    ("get", "/", 302),
    ("get", "/nowhere", 404),
    ("put", "/history", 405),
    ("get", "/static/css/parley.css", 200),
    ("get", "/docs", 200),
    ("get", "/admin/login/", 302),
    ("get", "/api/schema", 200),
    ("get", "/api/v1/health/live", 200),
    ("get", "/api/v1/queries", 401),
    ("get", "/api/v1/nowhere", 404),
    ("trace", "/history", 405),
    ("delete", "/api/v1/auth/token", 405),
    ("get", "/api/v1/queries?" + "x" * 9_000, 414),
]


def check_headers(answer: Any) -> None:
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cache-Control"]
    policy = answer["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(("method", "address", "status"), ANSWERS)
def test_every_answer_carries_the_security_headers(db: None, browser: Client, method: str, address: str, status: int):
    answer = getattr(browser, method)(address, secure=True)
    assert answer.status_code == status
    check_headers(answer)


def test_a_crash_carries_them_too_and_tells_nothing(signed_in: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.queries.pages._ask_form", boom)
    answer = signed_in.get("/", secure=True)
    assert answer.status_code == 500
    check_headers(answer)
    assert b"secret" not in answer.content
    assert answer["X-Request-ID"].encode() in answer.content


def test_pages_have_the_strict_policy_and_the_api_one_that_loads_nothing(signed_in: Client):
    assert set(signed_in.get("/", secure=True)["Content-Security-Policy"].split("; ")) == PAGE_POLICY
    api = signed_in.get("/api/v1/me", secure=True)["Content-Security-Policy"]
    assert set(api.split("; ")) == {"default-src 'none'", "frame-ancestors 'none'"}


def test_the_admin_sites_styles_have_a_nonce_that_is_new_each_time(browser: Client, db: None):
    browser.force_login(User.objects.create_superuser("admin@parley.example", "x"))

    def nonce() -> str:
        answer = browser.get(reverse("admin:index"), secure=True)
        [value] = [one for one in answer["Content-Security-Policy"].split() if one.startswith("'nonce-")]
        shown = value.removeprefix("'nonce-").rstrip("';")
        assert f'<style nonce="{shown}"' in answer.content.decode()
        return shown

    assert nonce() != nonce()


def test_authenticated_answers_are_kept_nowhere_and_files_are(signed_in: Client):
    assert signed_in.get("/", secure=True)["Cache-Control"] == "no-store"
    assert signed_in.get("/api/v1/me", secure=True)["Cache-Control"] == "no-store"
    assert "max-age" in signed_in.get("/static/css/parley.css", secure=True)["Cache-Control"]


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "https://app.acme.example.elsewhere.example"])
def test_another_origin_is_told_nothing(db: None, client: Client, settings: Any, origin: str):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.acme.example"]
    answer = client.get("/api/v1/health/live", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_allowed_origin_is_named_exactly_and_brings_no_cookies(db: None, client: Client, settings: Any):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.acme.example"]
    answer = client.get("/api/v1/health/live", headers={"Origin": "https://app.acme.example"})
    assert answer["Access-Control-Allow-Origin"] == "https://app.acme.example"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert (
        "Access-Control-Allow-Origin"
        not in client.get("/sign-in", headers={"Origin": "https://app.acme.example"}).headers
    )


def test_a_body_over_the_limit_is_refused_before_it_is_read(client: Client, db: None, settings: Any):
    settings.PARLEY = settings.PARLEY.model_copy(update={"max_body_bytes": 2_000})
    answer = client.post("/api/v1/auth/token", b"x" * 2_001, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert client.post("/sign-in", {"username": "x" * 3_000}).status_code == 413


def test_json_that_nests_too_deep_is_refused(client: Client, db: None):
    deep = b'{"email": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    answer = client.post("/api/v1/auth/token", deep, content_type="application/json")
    assert answer.status_code == 400


def test_the_apis_description_can_be_switched_off(signed_in: Client, settings: Any):
    assert 'href="/docs"' in signed_in.get("/").content.decode()
    settings.PARLEY = settings.PARLEY.model_copy(update={"api_docs": False})
    assert [signed_in.get(address).status_code for address in ("/docs", "/api/schema")] == [404, 404]
    assert 'href="/docs"' not in signed_in.get("/").content.decode()


FRAGMENTS = [
    "' OR 1=1 --", "%27%20OR%201=1", "\\", "%", "_", "); DROP TABLE x; --", "\x00", "💥" * 60, "' UNION SELECT NULL --",
    "1; SELECT pg_sleep(5)", '"', "$$", "${jndi:x}", "%s", "%(x)s", "{0}", "\\'; --", "E'\\\\'", "0x27",
    "id) FROM x --",
]  # fmt: skip
PARAMETERS = {
    "queries": ("search", "status", "data_source", "since", "cursor", "page_size"),
    "clarifications": ("cursor", "page_size"),
    "data-sources": ("cursor", "page_size"),
    "api-keys": ("cursor", "page_size"),
    "members": ("cursor", "page_size"),
    "invitations": ("cursor", "page_size"),
    "audit": ("action", "actor", "since", "until", "cursor", "page_size"),
    "usage": ("since", "until", "measure"),
}


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_fragments_of_sql_in_parameters_are_text(
    client_of: Callable[[User], Any], acme: Organization, alice: User, fragment: str
):
    api = client_of(alice)
    for route, names in PARAMETERS.items():
        for name in names:
            answer = api.get(f"/api/v1/{route}", {name: fragment})
            assert answer.status_code in (200, 400), (route, name, answer.content)


@pytest.mark.parametrize("fragment", [one for one in FRAGMENTS if "\0" not in one])
def test_searching_finds_the_very_words(
    client_of: Callable[[User], Any], acme: Organization, alice: User, source: DataSource, fragment: str
):
    for question in (f"What of {fragment}?", "What of all the rest"):
        Query.objects.create(organization=acme, user=alice, data_source=source, question=question)
    found = client_of(alice).get("/api/v1/queries", {"search": fragment}).json()["results"]
    assert [one["question"] for one in found] == [f"What of {fragment}?"]
