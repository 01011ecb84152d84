"""The first person of an installation: made once, however many try; no secret of a placeholder starts production."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from apps.accounts.models import Membership, Organization, User
from apps.accounts.services.setup import set_up
from apps.common.errors import Conflict
from tests.accounts.conftest import actions, all_at_once, sign_in

ROOT = Path(__file__).resolve().parents[2]
GOOD = "k3Jx9-qPzV7mWc2LtR8yBn5HdF6sGa1E"


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_set_up_at_once_one_does() -> None:
    def one(number: int) -> object:
        return set_up(
            email=f"first{number}@acme.example", password="a-first-password", organization="Acme", slug=f"acme{number}"
        )

    results = all_at_once([lambda number=number: one(number) for number in range(50)])
    assert sum(isinstance(result, Organization) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 49
    assert (User.objects.count(), Membership.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_the_command_makes_an_owner_who_administers(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"email": "first@acme.example", "organization": "Acme", "slug": "acme"}
    monkeypatch.setattr(sys, "stdin", io.StringIO("a-first-password\n"))
    call_command("set_up", **options)
    assert User.objects.get().is_superuser
    assert sign_in("first@acme.example", "a-first-password").status_code == 200
    assert actions()[:2] == ["installation.set_up", "organization.created"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("a-first-password\n"))
    with pytest.raises(CommandError, match="set up already"):
        call_command("set_up", **options)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"email": "x"}, {"slug": "a b"}, {"password": "short"}])
def test_the_command_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]) -> None:
    given = {
        "email": "first@acme.example",
        "organization": "Acme",
        "slug": "acme",
        "password": "a-first-password",
        **wrong,
    }
    monkeypatch.setattr(sys, "stdin", io.StringIO(given.pop("password")))
    with pytest.raises(CommandError):
        call_command("set_up", **given)
    assert not User.objects.exists()


def production(**variables: str) -> subprocess.CompletedProcess[str]:
    """Read the production settings in a process of their own and print the cookies' names."""
    environment = {
        "PATH": os.environ["PATH"], "SECRET_KEY": GOOD, "CREDENTIALS_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "parley.example", "DATABASE_URL": "postgresql://x@127.0.0.1/x",
        "REDIS_URL": "redis://127.0.0.1:6379/0", **variables,
    }  # fmt: skip
    code = (
        "from config.settings import production as p; print(p.SESSION_COOKIE_NAME if p.env.https_only else '',"
        " p.SESSION_COOKIE_SECURE, p.CSRF_COOKIE_SECURE, p.SESSION_COOKIE_HTTPONLY, p.CSRF_COOKIE_HTTPONLY,"
        " p.SESSION_COOKIE_SAMESITE, getattr(p, 'CSRF_COOKIE_NAME', ''))"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_production_starts_with_good_secrets_and_host_bound_cookies() -> None:
    started = production(JWT_SIGNING_KEYS=f"k1:{GOOD}")
    assert started.stdout.split() == ["__Host-session", "True", "True", "True", "True", "Lax", "__Host-csrf"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""), ("SECRET_KEY", "short"), ("SECRET_KEY", "changeme" * 8), ("SECRET_KEY", "a" * 64),
        ("SECRET_KEY", "django-insecure-" + GOOD), ("CREDENTIALS_KEYS", "A" * 43 + "="), ("CREDENTIALS_KEYS", ""),
        ("JWT_SIGNING_KEYS", "k1:" + "placeholder" * 4), ("JWT_SIGNING_KEYS", "k1:short"),
    ],
)  # fmt: skip
def test_production_refuses_to_start_with_a_placeholder(name: str, value: str) -> None:
    refused = production(**{name: value})
    assert refused.returncode != 0
    assert name in refused.stderr.upper()
