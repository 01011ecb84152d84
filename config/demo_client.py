"""A small client of our own REST API, for the demo: what any consumer would write."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WAIT_SECONDS = 30


class ApiError(Exception):
    """The API answered with an error, told as it told it."""


@dataclass(frozen=True)
class ApiClient:
    """Speaks to the platform at `address` with an access token."""

    address: str
    token: str = ""

    @classmethod
    def signed_in(cls, address: str, email: str, password: str) -> "ApiClient":
        """A client with a token. Raises ApiError."""
        pair = cls(address).post("/api/v1/auth/token", {"email": email, "password": password})
        return cls(address, pair["access"])

    def ask(self, question: str, data_source: str) -> Any:
        """Ask and wait; the query as it stands then."""
        return self.post(
            "/api/v1/queries", {"question": question, "data_source": data_source}, wait_seconds=WAIT_SECONDS
        )

    def answer(self, clarification: str, answers: Sequence[dict[str, str]]) -> Any:
        """Answer what was asked back and wait; the query as it stands then."""
        path = f"/api/v1/clarifications/{clarification}/answers"
        return self.post(path, {"answers": list(answers)}, wait_seconds=WAIT_SECONDS)

    def get(self, path: str) -> Any:
        """What stands at this address. Raises ApiError."""
        return self._send(urllib.request.Request(self.address + path, headers=self._headers()))  # noqa: S310

    def post(self, path: str, body: Mapping[str, Any], *, wait_seconds: int = 0) -> Any:
        """Send a body; for a query, wait so long for its outcome. Raises ApiError."""
        headers = {**self._headers(), "Content-Type": "application/json"}
        if wait_seconds:
            headers["Prefer"] = f"wait={wait_seconds}"
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), headers, method="POST")  # noqa: S310
        return self._send(request)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def _send(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS + 10) as response:  # noqa: S310
                return json.load(response)
        except urllib.error.HTTPError as error:
            told = error.read().decode(errors="replace")[:500]
            raise ApiError(f"{request.selector}: {error.code} {told}") from error
