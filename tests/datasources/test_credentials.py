"""Passwords at rest: only this installation opens them, and only in their own row."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command

from apps.accounts.models import Organization
from apps.accounts.row_security import across_organizations
from apps.datasources.credentials import CredentialsUnreadable, decrypt, encrypt, key_id, rotate
from apps.datasources.models import DataSource

pytestmark = pytest.mark.django_db


def source_of(organization: Organization, name: str, password: str) -> DataSource:
    source = DataSource(organization=organization, name=name, kind="postgres", host="db.example", database="d")
    source.credentials = encrypt(password, source)
    source.save()
    return source


def test_a_password_comes_back_in_its_own_row(acme: Organization) -> None:
    source = source_of(acme, "crm", "s3cret")
    assert "s3cret" not in source.credentials
    assert decrypt(DataSource.objects.for_org(acme).get()) == "s3cret"
    assert encrypt("", source) == ""


def test_credentials_swapped_between_rows_do_not_open(acme: Organization, globex: Organization) -> None:
    one, same_organization, other = (
        source_of(acme, "crm", "s3cret"), source_of(acme, "erp", "other"), source_of(globex, "crm", "third"),
    )  # fmt: skip
    for thief in (same_organization, other):
        thief.credentials = one.credentials
        with pytest.raises(CredentialsUnreadable):
            decrypt(thief)
    one.organization = globex
    with pytest.raises(CredentialsUnreadable):
        decrypt(one)


@pytest.mark.parametrize("damage", [lambda text: text[:-4] + "AAA=", lambda text: "", lambda text: "v2:x", str.upper])
def test_a_changed_text_does_not_open(acme: Organization, damage: Any) -> None:
    source = source_of(acme, "crm", "s3cret")
    source.credentials = damage(source.credentials) or "v2:::"
    with pytest.raises(CredentialsUnreadable):
        decrypt(source)


def test_rotation_brings_every_row_under_the_newest_key(acme: Organization, settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.CREDENTIALS_KEYS = [old]
    source = source_of(acme, "crm", "s3cret")
    assert source.credentials.split(":")[1] == key_id(old)
    settings.CREDENTIALS_KEYS = [new, old]
    call_command("rotate_credentials")
    settings.CREDENTIALS_KEYS = [new]
    with across_organizations("a test"):
        rotated = DataSource.objects.for_org(acme).get()
    assert rotated.credentials.split(":")[1] == key_id(new)
    assert decrypt(rotated) == "s3cret"


def test_the_form_of_before_is_read_by_rotation_only(acme: Organization, settings: Any) -> None:
    source = source_of(acme, "crm", "s3cret")
    source.credentials = Fernet(settings.CREDENTIALS_KEYS[0]).encrypt(b"s3cret").decode()
    with pytest.raises(CredentialsUnreadable):
        decrypt(source)
    source.credentials = rotate(source)
    assert decrypt(source) == "s3cret"
