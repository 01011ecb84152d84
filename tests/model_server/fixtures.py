"""Fixtures that several folders of tests import."""

import socket

import pytest


@pytest.fixture
def dead_url() -> str:
    """An address at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
