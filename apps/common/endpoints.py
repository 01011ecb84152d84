"""Addresses of services that the operator names: models' endpoints. No Django here.

They may be private, unlike a member's: naming one is the operator's word for it. What is refused is what no operator
means: other schemes, credentials in the address, and the link-local addresses where clouds keep a machine's own keys.
"""

import re
import unicodedata
from ipaddress import ip_address
from urllib.parse import urlsplit

from apps.common.hosts import is_public

METADATA_NAMES = frozenset({"metadata.google.internal", "metadata.goog", "instance-data", "metadata"})

# A last label that is a number, in any base, makes what C libraries read as an address: 2852039166, 0xa9fea9fe.
NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")


def check_endpoint(url: str) -> str:
    """The address itself, if requests with a key may go there. Raises ValueError that says what is wrong."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an endpoint is an http:// or https:// address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an endpoint holds no credentials, query or fragment")
    host = unicodedata.normalize("NFKC", parts.hostname).lower().rstrip(".")  # as a name server is asked for it
    try:
        address = ip_address(host)
    except ValueError:
        if host in METADATA_NAMES:
            raise ValueError("no model answers at a cloud's metadata service") from None
        if NUMERIC.fullmatch(host.rpartition(".")[2]):
            raise ValueError("an address is written as four numbers: other spellings of one are not read") from None
        return url
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified:
        raise ValueError("no model answers at a link-local, multicast or unspecified address")
    if parts.scheme == "http" and is_public(mapped):
        raise ValueError("an endpoint on the internet takes https://, or its key would travel in clear")
    return url
