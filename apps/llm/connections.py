"""Connections to models' endpoints: one pool for each endpoint and process, shared by its threads. No Django here."""

import atexit
import os
import threading

from openai import DefaultHttpxClient, OpenAI

from apps.llm.spec import ModelSpec

NO_KEY = "none"  # local endpoints want no key, the openai package wants one
_pools: dict[tuple[str | None, str], OpenAI] = {}
_lock = threading.Lock()


def client_of(model: ModelSpec) -> OpenAI:
    """The openai client of the model's endpoint. It never retries by itself: attempts are counted by us."""
    endpoint = (model.base_url, model.api_key)
    with _lock:
        if endpoint not in _pools:
            _pools[endpoint] = OpenAI(
                base_url=model.base_url,
                api_key=model.api_key or NO_KEY,
                max_retries=0,
                http_client=DefaultHttpxClient(follow_redirects=False),
            )
        return _pools[endpoint]


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
