"""Sign-in at an OpenID Connect provider: code flow with PKCE, state and nonce. The protocol is Authlib's."""

from functools import lru_cache
from typing import Any, NamedTuple

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError
from requests import RequestException

from apps.accounts.errors import SignInRefused
from apps.accounts.mail import absolute_url
from apps.common.errors import Unavailable

log = structlog.get_logger(__name__)
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")  # never `none`, and no shared secret as key
LEEWAY_SECONDS = 30
TIMEOUT_SECONDS = 10


class Claims(NamedTuple):
    """What the provider vouches for. `email` is empty unless the provider says that it is verified."""

    issuer: str
    subject: str
    email: str
    name: str


class Provider(DjangoOAuth2App):  # type: ignore[misc]  # Authlib brings no types
    """Authlib's client, held to our issuer and our algorithms whatever the discovery document says."""

    issuer: str

    def load_server_metadata(self) -> Any:
        metadata = super().load_server_metadata()
        if metadata.get("issuer") != self.issuer:
            raise AuthlibBaseError("issuer_mismatch", "The discovery document is another issuer's.")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in ALGORITHMS]
        return metadata


def is_oidc_configured() -> bool:
    """True if the installation names a provider."""
    return settings.PARLEY.oidc_issuer is not None


def provider() -> Provider:
    """The client of the configured provider; its metadata and keys are read once and kept."""
    environment = settings.PARLEY
    return _provider(environment.oidc_issuer, environment.oidc_client_id, environment.oidc_client_secret)


@lru_cache(maxsize=2)
def _provider(issuer: str, client_id: str, client_secret: Any) -> Provider:
    made = Provider(
        DjangoIntegration("oidc"),
        name="oidc",
        client_id=client_id,
        client_secret=client_secret.get_secret_value(),
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )
    made.issuer = issuer
    return made


def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider. Raises Unavailable if it does not answer."""
    try:
        redirect: HttpResponse = provider().authorize_redirect(request, absolute_url("oidc-callback"))
    except (AuthlibBaseError, RequestException, RuntimeError, ValueError) as error:
        log.error("oidc_unavailable", error=type(error).__name__)
        raise Unavailable("The sign-in service does not answer now; try again.", retry_after_seconds=5) from error
    return redirect


def finish(request: HttpRequest) -> Claims:
    """What the provider says of the browser that came back. Raises SignInRefused whatever does not hold."""
    environment = settings.PARLEY
    expected = {
        "iss": {"essential": True, "value": environment.oidc_issuer},
        "aud": {"essential": True, "value": environment.oidc_client_id},
        "exp": {"essential": True},
        "nonce": {"essential": True},
    }
    try:
        token = provider().authorize_access_token(request, claims_options=expected, leeway=LEEWAY_SECONDS)
        claims = token["userinfo"]
        return Claims(str(claims["iss"]), str(claims["sub"]), verified_email(claims), str(claims.get("name") or ""))
    except (AuthlibBaseError, JoseError, RequestException, RuntimeError, KeyError, ValueError, TypeError) as error:
        log.warning("oidc_refused", error=type(error).__name__)
        raise SignInRefused("The sign-in service did not vouch for you; try again.") from error


def verified_email(claims: Any) -> str:
    """The address in small letters if the provider says, as a boolean, that it verified it; else nothing."""
    email = claims.get("email")
    return email.lower() if claims.get("email_verified") is True and isinstance(email, str) else ""
