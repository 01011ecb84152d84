"""The embedded PostgreSQL of one checkout: made once, then started, found again and stopped."""

import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.embedded.binaries import postgres_programs
from config.embedded.cluster import make_cluster
from config.embedded.errors import EmbeddedServiceError, log_tail
from config.embedded.pid_files import running_pid, wait_until_gone
from config.embedded.places import POSTGRES_PORT, Places

SUPERUSER = "postgres"
_MAJOR_VERSION = "18"
_START_TIMEOUT_SECONDS = 60
_STOP_TIMEOUT_SECONDS = 30
_ATTEMPTS = 5
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

    def url(self, role: str, database: str) -> str:
        """Return an address that psycopg, SQLAlchemy (with its driver's prefix) and libpq understand."""
        return f"postgresql://{role}@/{quote(database)}?host={quote(str(self.places.postgres_sockets))}"

    def pid(self) -> int | None:
        """Return the pid of the running server, None if there is none."""
        return running_pid(self.data / "postmaster.pid", self.data)

    def answers(self) -> bool:
        """Say whether our server accepts connections at its socket, waiting while it recovers from a crash."""
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while self.pid() is not None and (self.places.postgres_sockets / f".s.PGSQL.{POSTGRES_PORT}").exists():
            try:
                psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.05)
            else:
                return True
        return False

    def start(self) -> bool:
        """Make sure that the server runs and answers; return True if it had to be started."""
        if self.answers():
            return False
        self.stop()  # it runs but cannot be reached: its socket was removed, or the checkout was moved
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
        account = self.places.account
        pg_ctl = postgres_programs(account) / "pg_ctl"
        for mode in ("fast", "immediate"):
            account.run([pg_ctl, "stop", "-D", self.data, "-m", mode, "-t", str(_STOP_TIMEOUT_SECONDS)])
            if wait_until_gone(pid, self.data, timeout_seconds=1):
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
        settings = {
            **_SETTINGS,
            "port": str(POSTGRES_PORT),
            # A list: without the inner quotes, a comma would part the path.
            "unix_socket_directories": '"{}"'.format(str(self.places.postgres_sockets).replace('"', '""')),
        }
        text = "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())
        path = self.data / "postgresql.conf"
        path.write_text("# Written at every start by config/embedded/postgres.py.\n" + text)
        self.places.account.own(path)

    def _start_server(self) -> None:
        """Start the server; try again while children of a killed one are still ending and hold its shared memory."""
        account = self.places.account
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG_BYTES:
            self.log.unlink()
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # stale: pid() found no server that it belongs to
        programs = postgres_programs(account)
        wait = str(_START_TIMEOUT_SECONDS)
        for attempt in range(1, _ATTEMPTS + 1):
            finished = account.run([programs / "pg_ctl", "start", "-w", "-t", wait, "-D", self.data, "-l", self.log])
            if finished.returncode == 0 and self.answers():
                return
            time.sleep(0.2 * attempt)
        raise EmbeddedServiceError(f"PostgreSQL does not start.\n{finished.stdout.strip()}\n{log_tail(self.log)}")


def _quoted(value: str) -> str:
    """Return `value` as a string of postgresql.conf."""
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
