"""A small client of our own REST API, for the demo: what any consumer would write."""

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
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
        pair = cls(address)._post("/api/v1/auth/token", {"email": email, "password": password})
        return cls(address, pair["access"])

    def ask(self, question: str, data_source: str) -> Any:
        """Ask and wait; the query as it stands then."""
        return self._post("/api/v1/queries", {"question": question, "data_source": data_source})

    def answer(self, clarification: str, answers: Sequence[dict[str, str]]) -> Any:
        """Answer what was asked back, this once, and wait; the query as it stands then."""
        body = {"answers": list(answers), "remember": False}
        return self._post(f"/api/v1/clarifications/{clarification}/answers", body)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Prefer": f"wait={WAIT_SECONDS}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS + 10) as response:  # noqa: S310
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise ApiError(f"{path}: {error.code} {error.read().decode(errors='replace')[:500]}") from error
