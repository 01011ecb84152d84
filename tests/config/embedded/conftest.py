"""Checkouts of a test's own, whose services are ended and whose traces outside are removed afterwards."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.embedded.services import ensure_running, remove

MakeCheckout = Callable[[str], Path]


@pytest.fixture
def make_checkout() -> Iterator[MakeCheckout]:
    """Return a function that makes an empty checkout of the given name in a folder that everybody may enter."""
    with _checkouts() as make:
        yield make


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Path:
    """Return an empty checkout."""
    return make_checkout("parley")


@pytest.fixture(scope="module")
def running() -> Iterator[Path]:
    """Return a checkout whose services run, for tests that leave them as they are."""
    with _checkouts() as make:
        checkout = make("parley")
        ensure_running(checkout)
        yield checkout


@contextmanager
def _checkouts() -> Iterator[MakeCheckout]:
    base = Path(tempfile.mkdtemp(prefix="parley-test-"))
    base.chmod(0o755)
    made: list[Path] = []

    def make(name: str) -> Path:
        checkout = base / name
        checkout.mkdir(parents=True)
        made.append(checkout)
        return checkout

    try:
        yield make
    finally:
        for checkout in made:
            remove(checkout)
        shutil.rmtree(base)
