"""The keys that sign our tokens, by id: the first signs, all verify, and a key that is taken out ends its tokens."""

import hashlib
import hmac
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings


class SigningKey(NamedTuple):
    """A secret and the id by which a token names it (`kid`)."""

    id: str
    secret: str


def signing_keys() -> tuple[SigningKey, ...]:
    """The keys, newest first: from JWT_SIGNING_KEYS_FILE, which may change while we run, from JWT_SIGNING_KEYS, or one
    derived from SECRET_KEY."""
    file: Path | None = settings.PARLEY.jwt_signing_keys_file
    if file is not None:
        known = file.stat()
        return _keys_of_file(file, known.st_mtime_ns, known.st_ino)
    if settings.PARLEY.jwt_signing_keys:
        return parse_keys(tuple(settings.PARLEY.jwt_signing_keys))
    return (_derived_key(settings.SECRET_KEY),)


@lru_cache(maxsize=4)
def _keys_of_file(file: Path, changed_ns: int, inode: int) -> tuple[SigningKey, ...]:
    lines = (line.strip() for line in file.read_text().splitlines())
    return parse_keys(tuple(line for line in lines if line and not line.startswith("#")))


@lru_cache(maxsize=4)
def parse_keys(lines: tuple[str, ...]) -> tuple[SigningKey, ...]:
    """`id:secret` each."""
    return tuple(SigningKey(*line.split(":", 1)) for line in lines)


@lru_cache(maxsize=4)
def _derived_key(secret: str) -> SigningKey:
    derived = hmac.new(secret.encode(), b"parley signs tokens", hashlib.sha256).hexdigest()
    return SigningKey(hashlib.sha256(derived.encode()).hexdigest()[:8], derived)
