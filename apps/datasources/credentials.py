"""Passwords at rest: AES-256-GCM, bound to the row that holds them, with keys that rotate.

The first of CREDENTIALS_KEYS encrypts, all decrypt. A token names its key and carries a nonce; the row's organization
and id are associated data, so that a token copied to another row does not open there.
"""

import base64
import hashlib
import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet as UnboundToken
from cryptography.fernet import InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from apps.common.errors import AppError

_FORMAT = "v2"
_NONCE_BYTES = 12
_PURPOSE = b"parley data source credentials"


class CredentialsUnreadable(AppError):
    """No key of this installation opens the stored credentials in this row."""

    code = "credentials_unreadable"
    status = 503


class CredentialsRow(Protocol):
    """A row that keeps credentials."""

    @property
    def pk(self) -> object: ...

    @property
    def organization_id(self) -> object: ...

    @property
    def credentials(self) -> str: ...


def encrypt(password: str, row: CredentialsRow) -> str:
    """The password as text that only this installation opens, and only in this row; empty stays empty."""
    if not password:
        return ""
    key = settings.CREDENTIALS_KEYS[0]
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(key).encrypt(nonce, password.encode(), _bound_to(row))
    return ":".join((_FORMAT, key_id(key), base64.urlsafe_b64encode(nonce + sealed).decode()))


def decrypt(row: CredentialsRow) -> str:
    """The row's password. Raises CredentialsUnreadable if no key fits, or the text is another row's."""
    if not row.credentials:
        return ""
    try:
        form, name, text = row.credentials.split(":")
        sealed = base64.urlsafe_b64decode(text)
        key = next(key for key in settings.CREDENTIALS_KEYS if form == _FORMAT and key_id(key) == name)
        return _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(row)).decode()
    except (ValueError, StopIteration, InvalidTag) as error:
        raise CredentialsUnreadable("The stored credentials cannot be read; enter them again.") from error


def rotate(row: CredentialsRow) -> str:
    """The same password under the newest key. Also reads the form of before, which was bound to no row."""
    if row.credentials.startswith(f"{_FORMAT}:"):
        return encrypt(decrypt(row), row)
    try:
        keys = MultiFernet([UnboundToken(key) for key in settings.CREDENTIALS_KEYS])
        return encrypt(keys.decrypt(row.credentials.encode()).decode(), row) if row.credentials else ""
    except InvalidToken as error:
        raise CredentialsUnreadable("The stored credentials cannot be read; enter them again.") from error


def key_id(key: str) -> str:
    """A key's name: it tells keys apart and nothing about them."""
    return hashlib.sha256(b"id of " + _PURPOSE + key.encode()).hexdigest()[:12]


def _cipher(key: str) -> AESGCM:
    material = base64.urlsafe_b64decode(key)
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(material))


def _bound_to(row: CredentialsRow) -> bytes:
    return f"{row.organization_id}:{row.pk}".encode()
