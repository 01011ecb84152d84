"""Starting, finding and stopping the embedded services of one checkout, one process at a time."""

import fcntl
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.embedded.binaries import require_wheels
from config.embedded.places import CHECKOUT, Places, places
from config.embedded.postgres import SUPERUSER, Postgres
from config.embedded.provisioning import DATABASE, OWNER_ROLE, RUNNING_ROLE, provision
from config.embedded.redis_server import RedisServer

POSTGRES, REDIS = "postgres", "redis"
SERVICES = (POSTGRES, REDIS)


@dataclass(frozen=True)
class Addresses:
    """Where the embedded services of a checkout are, or would be: `database_url` is the role that runs the platform."""

    database_url: str
    owner_database_url: str
    redis_url: str


@dataclass(frozen=True)
class Status:
    """The pids of the running services, None for one that does not run."""

    postgres_pid: int | None
    redis_pid: int | None


def addresses(checkout: Path = CHECKOUT) -> Addresses:
    """Return the addresses of the checkout's services. Nothing is started or written."""
    here = places(checkout)
    server = Postgres(here)
    return Addresses(
        database_url=server.url(RUNNING_ROLE, DATABASE),
        owner_database_url=server.url(OWNER_ROLE, DATABASE),
        redis_url=RedisServer(here).url,
    )


def admin_url(database: str = "postgres", checkout: Path = CHECKOUT) -> str:
    """Return the superuser's address of a database on the embedded PostgreSQL, for making databases and roles."""
    return Postgres(places(checkout)).url(SUPERUSER, database)


def ensure_running(checkout: Path = CHECKOUT, services: Collection[str] = SERVICES) -> bool:
    """Start those of `services` that do not run and wait until they answer; return True if any had to be started.

    Safe to call from several processes at once. Raises EmbeddedServiceError when one cannot be had.
    """
    require_wheels()
    here = places(checkout)
    with _locked(here):
        here.open_sockets()
        started = False
        if POSTGRES in services:
            server = Postgres(here)
            started |= server.start()
            provision(server)
        if REDIS in services:
            started |= RedisServer(here).start()
    return started


def stop(checkout: Path = CHECKOUT) -> None:
    """Stop what runs of the checkout's services; data stays."""
    require_wheels()
    here = places(checkout)
    if not here.home.is_dir():
        return
    with _locked(here):
        RedisServer(here).stop()
        Postgres(here).stop()


def remove(checkout: Path = CHECKOUT) -> None:
    """Stop the checkout's services and remove their data and sockets, wherever they lie."""
    stop(checkout)
    here = places(checkout)
    for directory in (here.home, here.sockets):
        if directory.is_dir():
            shutil.rmtree(directory)
    link = checkout / "var" / "embedded"
    if link.is_symlink():
        link.unlink()


def status(checkout: Path = CHECKOUT) -> Status:
    """Return which of the checkout's services run."""
    require_wheels()
    here = places(checkout)
    return Status(postgres_pid=Postgres(here).pid(), redis_pid=RedisServer(here).pid())


@contextmanager
def _locked(here: Places) -> Iterator[None]:
    """Hold the checkout's lock, so that two processes do not start the same server at the same moment."""
    path = here.open_home() / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        here.account.own(path)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
