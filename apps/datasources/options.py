"""Options of data sources: the few that exist, each with the values it may have.

Drivers have options that read files, load code or undo the read-only session, so none of theirs is passed on: every
name here is ours, and a session spells out what it means to its driver. No Django here.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from cryptography import x509

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]{0,62}")
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}")
_LARGEST_CERTIFICATES = 64 * 1024
_LARGEST_SCAN_BYTES = 10 * 1024**4

# How a server's certificate is treated: checked with its name, not checked, not asked for.
VERIFY, ENCRYPT, OFF = "verify", "encrypt", "off"

Check = Callable[[Any], bool]


def _is_tls(value: Any) -> bool:
    return value in (VERIFY, ENCRYPT, OFF)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(_NAME.fullmatch(value))


def is_account(value: Any) -> bool:
    """Whether this names an account, project or catalog: nothing that ends a host's name or begins another."""
    return isinstance(value, str) and bool(_ACCOUNT.fullmatch(value))


def _is_certificates(value: Any) -> bool:
    """PEM text of certificates; no path, no key."""
    if not isinstance(value, str) or len(value) > _LARGEST_CERTIFICATES or "PRIVATE KEY" in value:
        return False
    try:
        return bool(x509.load_pem_x509_certificates(value.encode("ascii")))
    except ValueError:
        return False


def _is_scan_limit(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST_SCAN_BYTES


_TLS: Mapping[str, tuple[Check, str]] = MappingProxyType(
    {
        "tls": (_is_tls, "verify, encrypt or off"),
        "ca_certificate": (_is_certificates, "certificates as PEM text"),
    }
)
_NAMESPACE: tuple[Check, str] = (_is_name, "a schema's name")
_OPTIONS: Mapping[str, Mapping[str, tuple[Check, str]]] = MappingProxyType(
    {
        "postgres": {**_TLS, "default_namespace": _NAMESPACE},
        "mysql": _TLS,
        "sqlite": {},
        "duckdb": {},
        "tsql": {"tls": _TLS["tls"], "default_namespace": _NAMESPACE},
        "snowflake": {
            "warehouse": (_is_name, "a warehouse's name"),
            "role": (_is_name, "a role's name"),
            "default_namespace": _NAMESPACE,
        },
        "bigquery": {"maximum_bytes_billed": (_is_scan_limit, "a number of bytes")},
        "trino": {"catalog": (is_account, "a catalog's name"), "default_namespace": _NAMESPACE},
    }
)


def check_options(kind: str, options: Mapping[str, Any]) -> list[str]:
    """What is wrong with the options, in sentences that name them; nothing for good ones."""
    known = _OPTIONS[kind]
    unknown = [f"Unknown option: {name[:40]!a}." for name in sorted(map(str, set(options) - set(known)))]
    wrong = [
        f"The option {name} must be {meaning}."
        for name, (is_good, meaning) in known.items()
        if name in options and not is_good(options[name])
    ]
    return unknown + wrong


def lowers_tls(options: Mapping[str, Any]) -> bool:
    """Whether somebody asked for less than a verified server."""
    return bool(options.get("tls", VERIFY) != VERIFY)
