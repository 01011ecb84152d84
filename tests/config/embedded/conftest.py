"""Checkouts of a test's own, whose services are ended and whose traces outside are removed afterwards."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded.places import places
from config.embedded.services import stop

MakeCheckout = Callable[[str], Path]


@pytest.fixture
def make_checkout() -> Iterator[MakeCheckout]:
    """Return a function that makes an empty checkout of the given name in a folder that everybody may enter."""
    base = Path(tempfile.mkdtemp(prefix="parley-test-"))
    base.chmod(0o755)
    made: list[Path] = []

    def make(name: str) -> Path:
        checkout = base / name
        checkout.mkdir(parents=True)
        made.append(checkout)
        return checkout

    yield make
    for checkout in made:
        stop(checkout)
        here = places(checkout)
        for trace in (here.home, here.sockets):
            shutil.rmtree(trace, ignore_errors=True)
    shutil.rmtree(base)


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Path:
    """Return an empty checkout."""
    return make_checkout("parley")
