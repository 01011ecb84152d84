"""Pools are shared by threads, not by processes, and closed when asked."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from apps.llm.client import ModelClient
from apps.llm.connections import client_of, close_connections
from apps.llm.errors import KeyNotAccepted
from apps.llm.exchange import Said
from apps.llm.spec import ModelSpec
from tests.model_server import ModelServer

QUESTION = [{"role": "user", "content": "Hello"}]


def text_of(said: Said) -> str:
    return said.text


def test_a_forked_child_opens_its_own_connection(
    serve: Callable[..., ModelServer], model_at: Callable[[str], ModelSpec], client: Callable[..., ModelClient]
) -> None:
    server = serve({"content": "hello"})
    model = model_at(server.url)
    client().ask(model, QUESTION, purpose="test", accept=text_of)
    child = os.fork()
    if child == 0:
        answered = client().ask(model, QUESTION, purpose="test", accept=text_of) == "hello"
        os._exit(0 if answered else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert server.connections == 2
    client().ask(model, QUESTION, purpose="test", accept=text_of)
    assert server.connections == 2  # the parent's own is still good


def test_endpoints_do_not_share_and_the_same_endpoint_does(model_at: Callable[[str], ModelSpec]) -> None:
    one, other = model_at("http://127.0.0.1:1/v1"), model_at("http://127.0.0.1:2/v1")
    assert client_of(one) is client_of(one)
    assert client_of(one) is not client_of(other)


def test_closed_pools_are_opened_anew(model_at: Callable[[str], ModelSpec]) -> None:
    model = model_at("http://127.0.0.1:1/v1")
    before = client_of(model)
    close_connections()
    assert before.is_closed()
    assert not client_of(model).is_closed()


@pytest.mark.parametrize("key", ["sk-caf\u00e9", "sk-one\nX-Two: 2", "sk-\x00"])
def test_a_key_that_cannot_be_sent_is_a_wrong_key(
    key: str,
    serve: Callable[..., ModelServer],
    model_at: Callable[[str], ModelSpec],
    client: Callable[..., ModelClient],
) -> None:
    server = serve({"content": "hello"})
    with pytest.raises(KeyNotAccepted) as refused:
        client().ask(replace(model_at(server.url), api_key=key), QUESTION, purpose="test", accept=text_of)
    assert "sk-" not in str(refused.value)
    assert server.received == []


def test_a_keys_line_end_is_not_sent(
    serve: Callable[..., ModelServer], model_at: Callable[[str], ModelSpec], client: Callable[..., ModelClient]
) -> None:
    server = serve({"content": "hello"})
    model = replace(model_at(server.url), api_key="sk-from-a-file\n")
    assert client().ask(model, QUESTION, purpose="test", accept=text_of) == "hello"
