"""Connections to models' endpoints: one pool for each endpoint and process, shared by its threads. No Django here."""

import atexit
import os
import threading

from openai import AzureOpenAI, DefaultHttpxClient, OpenAI

from apps.llm.deadlines import keep_deadlines
from apps.llm.errors import KeyNotAccepted
from apps.llm.spec import ModelSpec

NO_KEY = "none"  # local endpoints want no key, the openai package wants one
_pools: dict[tuple[str | None, str, str], OpenAI] = {}
_lock = threading.Lock()


def client_of(model: ModelSpec) -> OpenAI:
    """The openai client of the model's endpoint. It never retries by itself: attempts are counted by us.

    Raises: KeyNotAccepted for a key that cannot be sent.
    """
    endpoint = (model.base_url, model.api_key, model.api_version)
    with _lock:
        if endpoint not in _pools:
            _pools[endpoint] = _opened(model)
        return _pools[endpoint]


def _opened(model: ModelSpec) -> OpenAI:
    key = model.api_key.strip() or NO_KEY  # a key that was read from a file ends in a line's end
    if not (key.isascii() and key.isprintable()):
        raise KeyNotAccepted("The model's key holds characters that no key has.")
    http = DefaultHttpxClient(follow_redirects=False)
    keep_deadlines(http)
    if model.api_version:
        return AzureOpenAI(
            azure_endpoint=model.base_url or "", api_version=model.api_version, api_key=key, max_retries=0,
            http_client=http,
        )  # fmt: skip
    return OpenAI(base_url=model.base_url, api_key=key, max_retries=0, http_client=http)


def close_connections() -> None:
    """Close every pool of this process; the next call opens a new one."""
    with _lock:
        pools = list(_pools.values())
        _pools.clear()
    for pool in pools:
        pool.close()


def _forget_after_fork() -> None:
    """A child must not speak over its parent's sockets; they stay the parent's to close."""
    global _lock, _pools
    _lock = threading.Lock()
    _inherited.append(_pools)
    _pools = {}


_inherited: list[object] = []  # kept, for dropping a pool would close it
os.register_at_fork(after_in_child=_forget_after_fork)
atexit.register(close_connections)
