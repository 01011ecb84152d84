"""Connections go to the address that was judged just now, with certificates verified unless somebody said otherwise."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.common.hosts import CheckedHost, HostPolicy, check_host
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.errors import SourceUnavailable
from apps.datasources.sessions import mysql, postgres, session_for, sessions
from apps.datasources.sessions.tls import LibpqTls, python_context, tls_of

LOOPBACK = HostPolicy.from_list(["127.0.0.0/8"])
PUBLIC = CheckedHost("db.example", ("93.184.216.34",), is_public=True)
PRIVATE = CheckedHost("db.example", ("10.0.0.5",), is_public=False)
SOCKET = CheckedHost("/run/postgresql", (), is_public=False)


def address_at(port: int, kind: SourceKind = SourceKind.POSTGRES, **options: Any) -> SourceAddress:
    return SourceAddress("pinned", kind, "db.example", port, "d", "u", "p", hosts=LOOPBACK, options=options)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port on this machine, and the first bytes of each connection to it."""
    server = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def accept() -> None:
        while True:
            try:
                met, _ = server.accept()
            except OSError:
                return
            met.settimeout(1)
            try:
                heard.append(met.recv(100))
            except OSError:
                heard.append(b"")
            met.close()

    threading.Thread(target=accept, daemon=True).start()
    yield server.getsockname()[1], heard
    server.close()


@pytest.mark.parametrize("kind", [SourceKind.POSTGRES, SourceKind.MYSQL])
def test_a_name_is_judged_anew_at_each_connect(
    kind: SourceKind, listener: tuple[int, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: allowed when saved and at the first connect, the metadata service at the second."""
    port, heard = listener
    answers = iter([["127.0.0.1"], ["169.254.169.254"], ["127.0.0.1", "10.0.0.1"]])
    asked = []

    def resolve(name: str) -> list[str]:
        asked.append(name)
        return next(answers)

    monkeypatch.setattr("apps.common.hosts.system_resolver", resolve)
    for _ in range(3):
        with pytest.raises(SourceUnavailable):
            session_for(address_at(port, kind)).test()
    sessions.close("pinned")
    assert asked == ["db.example"] * 3
    assert len(heard) == 1


def test_libpq_gets_the_judged_address_and_the_name_for_the_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def connect(**arguments: Any) -> Any:
        given.update(arguments)
        raise psycopg.OperationalError

    monkeypatch.setattr(psycopg, "connect", connect)
    monkeypatch.setattr("apps.common.hosts.system_resolver", lambda name: ["93.184.216.34", "2606:4700::1"])
    address = address_at(5432)
    with pytest.raises(psycopg.OperationalError):
        postgres._connect(address, LibpqTls(address))
    assert (given["host"], given["hostaddr"]) == ("db.example,db.example", "93.184.216.34,2606:4700::1")
    assert given["sslmode"] == "verify-full"
    assert Path(given["sslrootcert"]).is_file()
    assert given["passfile"] == "/dev/null"


@pytest.mark.parametrize(
    ("asked", "host", "expected"),
    [
        ({}, PUBLIC, "verify-full"),
        ({}, PRIVATE, "prefer"),
        ({"tls": "verify"}, PRIVATE, "verify-full"),
        ({"tls": "encrypt"}, PUBLIC, "require"),
        ({"tls": "off"}, PUBLIC, "disable"),
    ],
)
def test_libpqs_mode_follows_what_was_asked(asked: dict[str, str], host: CheckedHost, expected: str) -> None:
    assert LibpqTls(address_at(1, **asked)).arguments(host)["sslmode"] == expected
    assert LibpqTls(address_at(1, **asked)).arguments(SOCKET) == {}


def test_mysqls_context_follows_what_was_asked() -> None:
    verified = python_context(address_at(1, SourceKind.MYSQL), PUBLIC)
    assert verified
    assert (verified.check_hostname, verified.verify_mode) == (True, ssl.CERT_REQUIRED)
    encrypted = python_context(address_at(1, SourceKind.MYSQL, tls="encrypt"), PUBLIC)
    assert encrypted
    assert encrypted.verify_mode is ssl.CERT_NONE
    assert python_context(address_at(1, SourceKind.MYSQL, tls="off"), PUBLIC) is None
    assert tls_of(address_at(1, SourceKind.MYSQL), PRIVATE) == ""


def certificate(name: str) -> tuple[bytes, bytes]:
    """A certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), private


@pytest.mark.parametrize(
    ("served", "trusted", "fails"),
    [("db.example", True, False), ("db.example", False, True), ("other.example", True, True)],
    ids=["the right server", "a server that nobody vouches for", "another server's certificate"],
)
def test_a_given_certificate_is_what_the_server_must_show(
    served: str, trusted: bool, fails: bool, tmp_path: Path
) -> None:
    """The context that PyMySQL gets, against a real TLS server."""
    pem, key = certificate(served)
    (tmp_path / "server.pem").write_bytes(pem + key)
    other, _ = certificate(served)
    context = python_context(
        address_at(1, SourceKind.MYSQL, ca_certificate=(pem if trusted else other).decode()), PUBLIC
    )
    assert context
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(tmp_path / "server.pem")
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            server_context.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    threading.Thread(target=serve, daemon=True).start()
    ours.settimeout(5)
    if fails:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(ours, server_hostname="db.example")
    else:
        assert context.wrap_socket(ours, server_hostname="db.example").version()


def test_a_given_certificate_lies_in_a_file_of_our_own_for_libpq() -> None:
    pem, _ = certificate("db.example")
    tls = LibpqTls(address_at(1, ca_certificate=pem.decode()))
    arguments = tls.arguments(PRIVATE)
    assert arguments["sslmode"] == "verify-full"
    file = Path(arguments["sslrootcert"])
    assert file.read_bytes() == pem
    assert file.stat().st_mode & 0o077 == 0


def test_mysql_connects_by_address_and_keeps_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = []

    def create_connection(place: tuple[str, int], timeout: float) -> socket.socket:
        reached.append(place)
        raise OSError

    monkeypatch.setattr(mysql.socket, "create_connection", create_connection)
    monkeypatch.setattr("apps.common.hosts.system_resolver", lambda name: ["127.0.0.1", "127.0.0.2"])
    with pytest.raises(OSError):  # noqa: PT011  (any)
        mysql._connect(address_at(3306, SourceKind.MYSQL))
    assert reached == [("127.0.0.1", 3306), ("127.0.0.2", 3306)]
    assert check_host("db.example", LOOPBACK).name == "db.example"
