"""The embedded PostgreSQL of one checkout: made once, then started, found again and stopped."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.embedded.binaries import postgres_programs
from config.embedded.cluster import make_cluster
from config.embedded.errors import EmbeddedServiceError, log_tail
from config.embedded.pid_files import is_alive, kill_servers_of_removed, running_pid, wait_until_gone
from config.embedded.places import POSTGRES_PORT, Places

SUPERUSER = "postgres"
_MAJOR_VERSION = "18"
_START_TIMEOUT_SECONDS = 60
_STOP_TIMEOUT_SECONDS = 30
_RETRY_SECONDS = 0.5
_SHARED_MEMORY_IN_USE = "pre-existing shared memory block"
_POLL_SECONDS = 0.02
_LARGEST_LOG_BYTES = 16 * 1024 * 1024

# Durable as in production: a killed machine loses no accepted query. The rest suits a shared development machine.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "fsync": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class Postgres:
    """The server of `places`. Calls that change anything are made under the lock of `services`."""

    places: Places

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.places.home / "postgres"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.places.home / "postgres.log"

    @property
    def socket(self) -> Path:
        """The socket, by the name that PostgreSQL gives it."""
        return self.places.postgres_sockets / f".s.PGSQL.{POSTGRES_PORT}"

    def url(self, role: str, database: str) -> str:
        """Return an address that psycopg, SQLAlchemy (with its driver's prefix) and libpq understand."""
        return f"postgresql://{role}@/{quote(database)}?host={self.places.postgres_sockets}"

    def pid(self) -> int | None:
        """Return the pid of the running server, None if there is none."""
        return running_pid(self.data / "postmaster.pid", self.data)

    def answers(self) -> bool:
        """Say whether our server accepts connections at its socket, waiting while it recovers from a crash."""
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while self.pid() is not None and self.socket.exists():
            try:
                psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    return False
                time.sleep(_POLL_SECONDS)
            else:
                return True
        return False

    def start(self) -> bool:
        """Make sure that the server runs and answers; return True if it had to be started."""
        if self.answers():
            return False
        self.stop()  # it runs but cannot be reached: its socket was removed, or the checkout was moved
        kill_servers_of_removed(self.data)
        if not (self.data / "PG_VERSION").exists():
            make_cluster(self.data, self.places.account)
        self._check_version()
        self._write_configuration()
        self._start_server()
        return True

    def stop(self) -> None:
        """Stop the server if it runs; connections in use are ended, what is committed is kept."""
        pid = self.pid()
        if pid is None:
            return
        # The first lets it write everything out; the second ends it at once, to recover at the next start.
        for request in (signal.SIGINT, signal.SIGQUIT):
            os.kill(pid, request)
            if wait_until_gone(pid, self.data, _STOP_TIMEOUT_SECONDS):
                return
        raise EmbeddedServiceError(f"PostgreSQL (process {pid}) does not stop.\n{log_tail(self.log)}")

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != _MAJOR_VERSION:
            raise EmbeddedServiceError(
                f"{self.data} was made by PostgreSQL {found}, this is {_MAJOR_VERSION}. "
                "Dump it with the old one, or remove it to begin anew."
            )

    def _write_configuration(self) -> None:
        sockets = str(self.places.postgres_sockets)
        settings = {**_SETTINGS, "port": str(POSTGRES_PORT), "unix_socket_directories": sockets}
        text = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        path = self.data / "postgresql.conf"
        path.write_text("# Written at every start by config/embedded/postgres.py.\n" + text)
        self.places.account.own(path)

    def _start_server(self) -> None:
        """Start the server; try again while children of a killed one are still ending and hold its shared memory."""
        account = self.places.account
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG_BYTES:
            self.log.unlink()
        # Stale, or copied here with the folder: pid() found no server that they belong to.
        for lock_file in (self.data / "postmaster.pid", self.socket.with_name(f"{self.socket.name}.lock")):
            lock_file.unlink(missing_ok=True)
        program = postgres_programs(account) / "postgres"
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            pid = account.leave_running([program, "-D", self.data], self.log)
            while is_alive(pid) and time.monotonic() < deadline:
                if self.answers():
                    return
                time.sleep(_POLL_SECONDS)
            if _SHARED_MEMORY_IN_USE not in log_tail(self.log):
                break
            time.sleep(_RETRY_SECONDS)
        raise EmbeddedServiceError(f"PostgreSQL does not start.\n{log_tail(self.log)}")
