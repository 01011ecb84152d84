"""Where this installation may connect to on behalf of its members: public addresses, and what the operator listed.

A name is resolved, all its addresses are judged, and the caller connects to one that was judged, never to the name
again: what a name means may change between two look-ups. No Django here.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import idna

from apps.common.errors import AppError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# Name to addresses in text; raises OSError for a name that there is not.
Resolver = Callable[[str], Iterable[str]]

RESOLVE_SECONDS = 4.0
_LONGEST_NAME = 253
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# A last label that is a number, in any base, makes what C libraries read as an address: 127.1, 0x7f000001.
_NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")
# Names that only mean something inside a network, so a public name server's answer is no reason to trust them.
_PRIVATE_SUFFIXES = frozenset(
    "localhost local localdomain internal intranet private corp home lan svc test invalid onion home.arpa "
    "cluster.local".split()
)
# Networks that Python calls global and that lead elsewhere: relays and translations to IPv4, and what is set aside.
_NOT_PUBLIC = tuple(
    ip_network(text)
    for text in "192.0.0.0/24 192.88.99.0/24 ::/96 ::ffff:0:0/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 "
    "2001::/23 2002::/16 3fff::/20 5f00::/16 fec0::/10".split()
)


class HostRefused(AppError):
    """A host that is not allowed, or not there: the two look the same."""

    code = "host_not_allowed"
    status = 400

    def __init__(self) -> None:
        super().__init__("This host is not allowed: it must be a public host, or one that the operator listed.")


@dataclass(frozen=True)
class HostPolicy:
    """What the operator allows beside public addresses: names, networks, and folders of Unix sockets."""

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    socket_folders: frozenset[str] = frozenset()

    @classmethod
    def from_list(cls, entries: Iterable[str]) -> "HostPolicy":
        """A policy from entries such as db.internal, 10.20.0.0/16, ::1 or /run/postgresql. Raises ValueError."""
        names, networks, folders = set(), [], set()
        for entry in entries:
            if entry.startswith("/"):
                folders.add(entry.rstrip("/"))
                continue
            try:
                networks.append(ip_network(entry))
            except ValueError:
                name = entry.lower().rstrip(".")
                if not _is_name(name):
                    raise ValueError(f"{entry!r} is no host name, network or folder") from None
                names.add(name)
        return cls(frozenset(names), tuple(networks), frozenset(folders))

    def allows(self, address: Address) -> bool:
        """Whether one address may be connected to."""
        embedded = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        listed = any(
            one in network for network in self.networks for one in (address, embedded) if one and _alike(one, network)
        )
        return listed or is_public(address)


PUBLIC_ONLY = HostPolicy()


@dataclass(frozen=True)
class CheckedHost:
    """A host after the check: connect to one of `addresses`; `name` is for certificates. A socket has no addresses."""

    name: str
    addresses: tuple[str, ...]
    is_public: bool


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, and no way round to another."""
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if isinstance(address, IPv6Address) and address.scope_id:
        return False
    return not any(address in network for network in _NOT_PUBLIC if _alike(address, network))


def check_host(host: str, policy: HostPolicy = PUBLIC_ONLY, *, resolver: Resolver | None = None) -> CheckedHost:
    """Resolve a host and judge every address of it; one that is not allowed refuses them all.

    Raises: HostRefused, also for a name that does not resolve.
    """
    if host.startswith("/"):
        if host.rstrip("/") not in policy.socket_folders:
            raise HostRefused
        return CheckedHost(host, (), is_public=False)
    name = host[1:-1] if host.startswith("[") and host.endswith("]") and ":" in host else host
    literal = _literal(name)
    if literal is not None:
        if not policy.allows(literal):
            raise HostRefused
        return CheckedHost(str(literal), (str(literal),), is_public(literal))
    name = name.lower().removesuffix(".")
    listed = name in policy.names
    if not _is_name(name) or (_is_private_name(name) and not listed):
        raise HostRefused
    addresses = _resolved(name, resolver or system_resolver)
    if not addresses or not (listed or all(policy.allows(address) for address in addresses)):
        raise HostRefused
    ordered = sorted(set(addresses), key=lambda address: (address.version, addresses.index(address)))
    return CheckedHost(name, tuple(map(str, ordered)), all(is_public(address) for address in ordered))


def system_resolver(name: str) -> Iterable[str]:
    """The addresses that this machine finds for a name."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]


def _resolved(name: str, resolver: Resolver) -> list[Address]:
    """The name's addresses, or none when it has none or nobody says so in time."""
    found: list[Address] = []

    def look_up() -> None:
        try:
            found.extend(ip_address(text) for text in resolver(name))
        except (OSError, UnicodeError, ValueError):
            found.clear()

    thread = threading.Thread(target=look_up, name="resolve", daemon=True)
    thread.start()
    thread.join(RESOLVE_SECONDS)
    return [] if thread.is_alive() else found


def _literal(text: str) -> Address | None:
    """The address that the text is, in its one canonical form; None for whatever else it is."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_name(name: str) -> bool:
    """Whether this is a host name in ASCII: other alphabets come as xn-- labels, which must be valid."""
    labels = name.split(".")
    if not name.isascii() or len(name) > _LONGEST_NAME or _NUMERIC.fullmatch(labels[-1]):
        return False
    return all(_LABEL.fullmatch(label) and _is_valid_label(label) for label in labels)


def _is_valid_label(label: str) -> bool:
    if not label.startswith("xn--"):
        return True
    try:
        return idna.alabel(idna.decode(label)).decode() == label
    except (idna.IDNAError, UnicodeError):
        return False


def _is_private_name(name: str) -> bool:
    labels = name.split(".")
    endings = {".".join(labels[-count:]) for count in (1, 2)}
    return len(labels) == 1 or bool(endings & _PRIVATE_SUFFIXES)


def _alike(address: Address, network: Network) -> bool:
    return address.version == network.version
