"""Where the embedded services of one checkout keep their sockets and data.

Nothing here starts anything: the same checkout and user give the same answer before, during and after the services run.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config.embedded.account import ServiceAccount, service_account
from config.embedded.errors import EmbeddedServiceError

CHECKOUT = Path(__file__).resolve().parents[2]
POSTGRES_PORT = 5432  # only a part of the socket's name: no TCP port is opened

# Linux keeps 108 bytes for a socket's path and the zero behind it; macOS keeps 104.
_LONGEST_SOCKET_PATH = 103
# libpq takes a comma for the start of another host, and not every client decodes what an address must encode.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
SYSTEM_HOME = Path("/var/lib/parley")


@dataclass(frozen=True)
class Places:
    """The directories of one checkout's services. `home` may not exist yet; see `open_home`."""

    checkout: Path
    account: ServiceAccount

    @property
    def key(self) -> str:
        """A short name for the checkout, the same at every call."""
        return hashlib.sha256(os.fsencode(self.checkout)).hexdigest()[:12]

    @property
    def sockets(self) -> Path:
        """The directory that holds the two socket directories: in the checkout if its path is short and plain.

        Root uses /run, where no other user can write, if the lent account does not own the checkout or cannot enter it.
        """
        if self._is_foreign:
            return Path("/run/parley") / self.key
        inside = self.checkout / "var" / "run"
        longest = inside / "postgres" / f".s.PGSQL.{POSTGRES_PORT}"
        if len(str(longest)) <= _LONGEST_SOCKET_PATH and _PLAIN_PATH.fullmatch(str(longest)):
            return inside
        return Path(f"/tmp/parley-{self.account.uid}-{self.key}")  # noqa: S108 - its owner and mode are checked

    @property
    def postgres_sockets(self) -> Path:
        """The private directory of PostgreSQL's socket."""
        return self.sockets / "postgres"

    @property
    def redis_socket(self) -> Path:
        """Redis's socket, in a private directory of its own."""
        return self.sockets / "redis" / "redis.sock"

    @property
    def home(self) -> Path:
        """Where data and logs are: `var/embedded`, or what that points to where the account cannot enter it."""
        inside = self.checkout / "var" / "embedded"
        return self._outside if inside.is_symlink() else inside

    @cached_property
    def _is_foreign(self) -> bool:
        is_owner = self.account.uid == self.checkout.stat().st_uid
        return self.account.lent and not (is_owner and self.account.can_enter(self.checkout))

    @property
    def _outside(self) -> Path:
        return SYSTEM_HOME / self.key

    def open_home(self) -> Path:
        """Make the data directory, in the checkout if the account can enter it and under /var/lib otherwise."""
        inside = self.checkout / "var" / "embedded"
        self._make_var(inside.parent)
        if not inside.is_symlink() and not self.account.can_enter(inside.parent):
            if inside.exists():
                raise EmbeddedServiceError(
                    f"{inside} holds data, but user id {self.account.uid} can no longer enter {self.checkout}. "
                    "Open the folders above it again (chmod o+x), or remove it to begin anew."
                )
            inside.symlink_to(self._outside)
        if inside.is_symlink():
            self._point_outside(inside)
        self.account.make_private_directory(self.home)
        return self.home

    def open_sockets(self) -> None:
        """Make the socket directories."""
        if self.sockets.parent.name == "parley":
            make_open_directory(self.sockets.parent)
        elif self.sockets.parent.name == "var":
            self._make_var(self.sockets.parent)
        for directory in (self.sockets, self.postgres_sockets, self.redis_socket.parent):
            self.account.make_private_directory(directory)

    def _make_var(self, var: Path) -> None:
        if var.is_dir():
            return
        try:
            var.mkdir(exist_ok=True)
        except OSError as error:
            raise EmbeddedServiceError(f"Cannot make {var}: {error.strerror}.") from error
        if self.account.uid == self.checkout.stat().st_uid:
            self.account.own(var)

    def _point_outside(self, link: Path) -> None:
        make_open_directory(SYSTEM_HOME)
        if link.readlink() != self._outside:  # the checkout was copied or moved: that is not its own data
            link.unlink()
            link.symlink_to(self._outside)


def make_open_directory(path: Path) -> None:
    """Make a directory of root's that every user can enter, whatever the umask."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o755)


def places(checkout: Path = CHECKOUT) -> Places:
    """Return the places of `checkout` for the user who asks."""
    resolved = checkout.resolve()
    return Places(resolved, service_account(resolved))
