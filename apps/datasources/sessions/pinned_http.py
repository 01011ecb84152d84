"""HTTPS that goes to one checked address, whatever a server's answers name next; redirects are not followed."""

import ssl
from typing import Any
from urllib.parse import urlparse, urlunparse

from apps.common.hosts import CheckedHost


def pinned_session(host: CheckedHost, port: int, context: ssl.SSLContext) -> Any:
    """A session of `requests` whose every call goes to the first of the host's addresses, with the host's certificate.

    A call to another host, port or scheme raises OSError.
    """
    import requests
    from requests.adapters import HTTPAdapter

    class PinnedAdapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **named: Any) -> None:
            named.update(ssl_context=context, server_hostname=host.name, assert_hostname=host.name)
            super().init_poolmanager(*args, **named)

        def send(self, request: Any, *args: Any, **named: Any) -> Any:
            wanted = urlparse(request.url)
            if wanted.scheme != "https" or wanted.hostname != host.name or (wanted.port or 443) != port:
                raise OSError("This server's answer leads elsewhere.")
            address = f"[{host.addresses[0]}]" if ":" in host.addresses[0] else host.addresses[0]
            request.headers["Host"] = wanted.netloc
            request.url = urlunparse(wanted._replace(netloc=f"{address}:{port}"))
            return super().send(request, *args, **named)

    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    for scheme in ("https://", "http://"):
        session.mount(scheme, PinnedAdapter())
    return session
