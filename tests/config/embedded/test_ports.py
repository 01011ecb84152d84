"""Finding a port that is really ours."""

import socket

import pytest

from config.embedded.errors import EmbeddedServiceError
from config.embedded.ports import HOST, reserved_port


@pytest.fixture(autouse=True)
def _no_named_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)


def test_two_platforms_get_two_ports():
    with reserved_port() as one, reserved_port() as other:
        assert one != other


def test_a_port_that_somebody_listens_on_is_passed_over_even_if_they_share_it():
    with reserved_port() as free, socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind((HOST, free))  # as granian does, beside our reservation
        server.listen()
        with reserved_port() as found:
            assert found != free


def test_a_named_port_in_use_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch):
    with reserved_port() as taken:
        monkeypatch.setenv("PORT", str(taken))
        with pytest.raises(EmbeddedServiceError, match=f"Port {taken} is in use"), reserved_port():
            pass
