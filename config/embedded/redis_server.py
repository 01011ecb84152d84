"""The embedded Redis of one checkout."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from config.embedded.binaries import redis_program
from config.embedded.errors import EmbeddedServiceError, log_tail
from config.embedded.pid_files import kill_servers_of_removed, running_pid, wait_until_gone
from config.embedded.places import Places

_START_TIMEOUT_SECONDS = 30
_STOP_TIMEOUT_SECONDS = 15


@dataclass(frozen=True)
class RedisServer:
    """The server of `places`. Calls that change anything are made under the lock of `services`."""

    places: Places

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.places.home / "redis"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.data / "redis.log"

    @property
    def url(self) -> str:
        """The address that redis-py and django-redis understand."""
        return f"unix://{self.places.redis_socket}?db=0"

    def pid(self) -> int | None:
        """Return the pid of the running server, None if there is none."""
        return running_pid(self.data / "redis.pid", self.data)

    def answers(self) -> bool:
        """Say whether our server answers at its socket, waiting while it loads its data."""
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        with redis.Redis(unix_socket_path=str(self.places.redis_socket), socket_timeout=5) as client:
            while self.pid() is not None and self.places.redis_socket.exists():
                try:
                    return bool(client.ping())
                except redis.RedisError:
                    if time.monotonic() > deadline:
                        return False
                    time.sleep(0.05)
        return False

    def start(self) -> bool:
        """Make sure that the server runs and answers; return True if it had to be started."""
        if self.answers():
            return False
        self.stop()  # it runs but cannot be reached: its socket was removed, or the checkout was moved
        kill_servers_of_removed(self.data)
        account = self.places.account
        account.make_private_directory(self.data)
        (self.data / "redis.pid").unlink(missing_ok=True)
        finished = account.run([redis_program(account), *self._options()])
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while finished.returncode == 0 and time.monotonic() < deadline:
            if self.answers():
                return True
            time.sleep(0.01)
        raise EmbeddedServiceError(f"Redis does not start.\n{finished.stdout.strip()}\n{log_tail(self.log)}")

    def stop(self) -> None:
        """Stop the server if it runs, its data written out."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        if not wait_until_gone(pid, self.data, _STOP_TIMEOUT_SECONDS):
            raise EmbeddedServiceError(f"Redis (process {pid}) does not stop.\n{log_tail(self.log)}")

    def _options(self) -> list[str]:
        """Return the command line: a socket only, and a log of writes that outlives a killed process."""
        settings = {
            "port": "0",
            "unixsocket": str(self.places.redis_socket),
            "unixsocketperm": "700",
            "daemonize": "yes",
            "dir": str(self.data),
            "pidfile": str(self.data / "redis.pid"),
            "logfile": str(self.log),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]
