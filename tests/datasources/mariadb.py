"""A throwaway MariaDB server for tests: a data folder of its own, a Unix socket and no port."""

import getpass
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

SERVER = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
INSTALLER = shutil.which("mariadb-install-db")
MISSING = "MariaDB is not installed (Debian: apt-get install mariadb-server)"
_START_SECONDS = 60


@contextmanager
def mariadb_server(folder: Path) -> Iterator[Path]:
    """Start one in `folder`; yields the folder of its socket, `mysqld.sock`. The server is gone after the block."""
    assert SERVER
    assert INSTALLER
    user = getpass.getuser()
    place = [f"--datadir={folder / 'data'}", f"--user={user}"]
    subprocess.run(
        [INSTALLER, "--no-defaults", *place, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True,
        capture_output=True,
        timeout=_START_SECONDS,
    )
    process = subprocess.Popen(
        [
            SERVER,
            "--no-defaults",
            *place,
            f"--socket={folder / 'mysqld.sock'}",
            f"--pid-file={folder / 'pid'}",
            "--skip-networking",
            "--innodb-buffer-pool-size=32M",
            "--skip-log-bin",
            f"--secure-file-priv={folder / 'files'}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("w"),
    )
    (folder / "files").mkdir(exist_ok=True)
    try:
        _await(folder)
        yield folder
    finally:
        process.terminate()
        process.wait(_START_SECONDS)


def as_root(folder: Path, database: str | None = None) -> "pymysql.connections.Connection":
    """The server's own superuser."""
    return pymysql.connect(unix_socket=str(folder / "mysqld.sock"), user="root", database=database, autocommit=True)


def _await(folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            as_root(folder).close()
        except pymysql.MySQLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
