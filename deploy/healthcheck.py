"""The image's health check: exit 0 if the web process of this container is alive.

It names a host that the platform answers for, as any client must.
"""

import http.client
import os
import sys
from http import HTTPStatus

_PATH = "/api/v1/health/live"
_TIMEOUT_SECONDS = 4


def allowed_host(allowed_hosts: str) -> str:
    """Return one host name that ALLOWED_HOSTS lets in."""
    first = allowed_hosts.split(",")[0].strip()
    return "localhost" if first in ("", "*") else first.removeprefix(".")


def is_alive(port: int, host: str) -> bool:
    """Ask the process on this machine's `port`, under the name `host`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", _PATH, headers={"Host": host})
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    alive = is_alive(int(os.environ.get("PORT") or 8000), allowed_host(os.environ.get("ALLOWED_HOSTS", "")))
    sys.exit(0 if alive else 1)
