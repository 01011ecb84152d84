"""What an API key looks like: `pk_`, 256 random bits, and a checksum that tells a typing error from a guess."""

import base64
import hashlib
import hmac
import secrets
import zlib

PREFIX = "pk_"
SHOWN_CHARS, LAST_CHARS = 10, 4
BODY_CHARS, CHECKSUM_CHARS = 43, 6


def new_secret() -> str:
    """The text of a new key."""
    body = secrets.token_urlsafe(32)
    return f"{PREFIX}{body}{_checksum(body)}"


def is_well_formed(text: str) -> bool:
    """True if this can be a key at all: prefix, length and checksum fit."""
    body = text[len(PREFIX) : len(PREFIX) + BODY_CHARS]
    is_complete = len(text) == len(PREFIX) + BODY_CHARS + CHECKSUM_CHARS and text.isascii()
    return is_complete and text.startswith(PREFIX) and hmac.compare_digest(text[-CHECKSUM_CHARS:], _checksum(body))


def shown_part(secret: str) -> str:
    """The beginning, which may be shown and stored: it leaves more than 200 random bits unsaid."""
    return secret[:SHOWN_CHARS]


def last_part(secret: str) -> str:
    """The end, which may be shown too: it is of the checksum, so 24 random bits fewer are unsaid."""
    return secret[-LAST_CHARS:]


def hash_key(secret: str) -> str:
    """SHA-256 of a key. Enough for 256 random bits, which nobody can guess from a hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _checksum(body: str) -> str:
    return base64.urlsafe_b64encode(zlib.crc32(body.encode()).to_bytes(4, "big")).decode().rstrip("=")
