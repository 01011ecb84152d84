"""The host that the image's health check goes by."""

import pytest

from deploy.healthcheck import allowed_host, is_alive


@pytest.mark.parametrize(
    ("allowed_hosts", "host"),
    [
        ("parley.example", "parley.example"),
        (".parley.example,other.example", "parley.example"),
        ("*", "localhost"),
        ("", "localhost"),
    ],
)
def test_it_names_a_host_that_the_platform_answers_for(allowed_hosts: str, host: str):
    assert allowed_host(allowed_hosts) == host


def test_a_port_where_nobody_listens_is_not_alive():
    assert is_alive(1, "localhost") is False
