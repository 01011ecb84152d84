"""How the sessions know their servers: certificates are verified with their names unless somebody asked for less."""

import ssl
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from apps.common.hosts import CheckedHost
from apps.datasources.address import SourceAddress
from apps.datasources.options import ENCRYPT, OFF, VERIFY

# Where Linux distributions keep the certificates that the system trusts.
_SYSTEM_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def tls_of(address: SourceAddress, host: CheckedHost) -> str:
    """What was asked for; else verified for public hosts, and what the server offers inside the operator's networks."""
    return str(address.options.get("tls", VERIFY if host.is_public or "ca_certificate" in address.options else ""))


class LibpqTls:
    """TLS in libpq's words. libpq reads certificates from a file only, so a given one lies in one while this lives."""

    def __init__(self, address: SourceAddress) -> None:
        self._address = address
        self._file: Any = None
        if given := address.options.get("ca_certificate"):
            self._file = NamedTemporaryFile(prefix="parley-ca-", suffix=".pem")  # noqa: SIM115  (lives with us)
            self._file.write(str(given).encode())
            self._file.flush()

    def arguments(self, host: CheckedHost) -> dict[str, str]:
        """What a connect to that host needs."""
        if not host.addresses:
            return {}
        mode = {VERIFY: "verify-full", ENCRYPT: "require", OFF: "disable"}.get(tls_of(self._address, host), "prefer")
        if mode != "verify-full":
            return {"sslmode": mode}
        return {"sslmode": mode, "sslrootcert": self._file.name if self._file else system_bundle()}


def python_context(address: SourceAddress, host: CheckedHost) -> ssl.SSLContext | None:
    """TLS in Python's words; None where the server may do without."""
    asked = tls_of(address, host)
    if not host.addresses or asked not in (VERIFY, ENCRYPT):
        return None
    context = ssl.create_default_context(cadata=address.options.get("ca_certificate"))
    if asked == ENCRYPT:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def system_bundle() -> str:
    """The file of certificates that the system trusts."""
    found = ssl.get_default_verify_paths().cafile
    return found or next((path for path in _SYSTEM_BUNDLES if Path(path).is_file()), _SYSTEM_BUNDLES[0])
