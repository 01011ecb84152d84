"""Access and refresh tokens: JWTs under one algorithm, by a named key, for one audience, each of its own type."""

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import jwt
from django.conf import settings
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

from apps.accounts.models import TokenFamily, User
from apps.accounts.signing_keys import signing_keys

ALGORITHM = "HS256"
ISSUER = AUDIENCE = "parley"
REQUIRED = ["exp", "iat", "jti", "iss", "aud"]
FAMILY, VERSION = "family", "version"


class KeyRingBackend(TokenBackend):
    """Signs with the newest key and names it in the header; verifies by the key that the header names."""

    def __init__(self) -> None:
        super().__init__(ALGORITHM, issuer=ISSUER, audience=AUDIENCE)

    def encode(self, payload: dict[str, Any]) -> str:
        key = signing_keys()[0]
        claims = {**payload, "iss": ISSUER, "aud": AUDIENCE}
        return jwt.encode(claims, key.secret, algorithm=ALGORITHM, headers={"kid": key.id})

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The claims. Raises TokenBackendError, also where `verify` is off: nothing of ours reads unverified claims."""
        try:
            named = jwt.get_unverified_header(token).get("kid")
            secret = next((key.secret for key in signing_keys() if key.id == named), None)
            if secret is None:
                raise TokenBackendError("Token is invalid")
            claims: dict[str, Any] = jwt.decode(
                token, secret, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options={"require": REQUIRED}
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenBackendExpiredToken("Token is expired") from error
        except (jwt.InvalidTokenError, ValueError) as error:
            raise TokenBackendError("Token is invalid") from error
        return claims


class AccessToken(tokens.AccessToken):
    """Good for a few minutes, as long as its family and its person's sessions are."""

    _token_backend = KeyRingBackend()


class RefreshToken(tokens.RefreshToken):
    """Good for one refresh."""

    _token_backend = KeyRingBackend()


class Pair(NamedTuple):
    """What a sign-in or a refresh gives."""

    access: str
    refresh: str


def pair_of(family: TokenFamily, user: User) -> Pair:
    """The family's current refresh token and a new access token."""
    refresh = RefreshToken()
    refresh["jti"] = family.current_token.hex
    latest = datetime.fromtimestamp(refresh["exp"], tz=family.expires_at.tzinfo)
    refresh.set_exp(from_time=min(latest, family.expires_at), lifetime=timedelta(0))
    access = AccessToken()
    for token in (refresh, access):
        token["user_id"] = str(user.pk)
        token[FAMILY] = family.pk.hex
        token[VERSION] = user.session_version
    return Pair(str(access), str(refresh))


def family_life() -> timedelta:
    """How long one sign-in lasts, however often it is refreshed."""
    return timedelta(days=settings.PARLEY.sign_in_days)


def uuid_claim(token: tokens.Token, name: str) -> uuid.UUID:
    """A claim that holds an id; the nil id, which nobody has, if it does not."""
    try:
        return uuid.UUID(str(token.get(name)))
    except ValueError:
        return uuid.UUID(int=0)
