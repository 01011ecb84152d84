"""A small OpenID provider over real HTTP: discovery, keys, codes with PKCE, tokens. It lies where a test asks."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "parley", "a-secret-of-the-client"


class OpenIdProvider:
    """Answers for one person at a time: `claims` is what it says of them, `tamper` changes its id token."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self.claims: dict[str, Any] = {}
        self.tamper: dict[str, Any] = {}
        self.sign_with: dict[str, Any] = {}
        self.discovery: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.discovery,
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256"}]}

    def authorize(self, address: str) -> dict[str, str]:
        """What a person's browser does there: the parameters with which it is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        if asked is None or proof != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {name: value for name, value in {**usual, **self.claims, **self.tamper}.items() if value is not None}
        options = {"key": self.key, "algorithm": "RS256", "headers": {"kid": "k1"}, **self.sign_with}
        return jwt.encode(claims, **options)


@contextmanager
def running_provider() -> Iterator[OpenIdProvider]:
    """A provider on a free port of this machine."""
    provider: OpenIdProvider

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths = {"/.well-known/openid-configuration": provider.document, "/keys": provider.keys}
            self.answer(200, paths[urlsplit(self.path).path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
            if self.headers.get("Authorization") != f"Basic {basic}":
                self.answer(401, {"error": "invalid_client"})
                return
            self.answer(*provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def answer(self, status: int, body: dict[str, Any]) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = OpenIdProvider(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
