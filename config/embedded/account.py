"""The operating system's user that the embedded services run as.

PostgreSQL refuses to run as root. Root therefore lends the services another user: the owner of the checkout or, where
that is root as well, a user id that belongs to nobody, so that no other process of the machine shares it.
"""

import os
import pwd
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedServiceError

# The range that systemd keeps for users that exist only while a service runs.
_FREE_UIDS = range(61184, 65520)
_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class ServiceAccount:
    """A user and group id; `lent` says that we are root and must change to it."""

    uid: int
    gid: int
    lent: bool

    def run(self, command: Sequence[str | Path], *, session: bool = False) -> subprocess.CompletedProcess[str]:
        """Run `command` as this account, from `/`, and return its exit code and joined output.

        With `session` it belongs to no terminal, so that Ctrl-C there does not reach it. Output goes through a file: a
        daemon that the command leaves behind would hold a pipe open for ever.
        """
        with tempfile.TemporaryFile("w+") as output:
            finished = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                check=False,
                timeout=_TIMEOUT_SECONDS,
                start_new_session=session,
                user=self.uid if self.lent else None,
                group=self.gid if self.lent else None,
                extra_groups=[] if self.lent else None,
            )
            output.seek(0)
            return subprocess.CompletedProcess(finished.args, finished.returncode, output.read())

    def leave_running(self, command: Sequence[str | Path], log: Path) -> int:
        """Start `command` as this account so that it outlives us, its output appended to `log`, and return its pid."""
        shell = 'log="$1"; shift; "$@" >>"$log" 2>&1 & echo $!'
        return int(self.run(["/bin/sh", "-c", shell, "sh", log, *command], session=True).stdout)

    def can_enter(self, path: Path) -> bool:
        """Ask the kernel whether this account may pass through to `path` and read it."""
        if not self.lent:
            return True
        return self.run(["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", path]).returncode == 0

    def own(self, path: Path) -> None:
        """Give a file or directory that we made to this account."""
        if self.lent:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def make_private_directory(self, path: Path) -> None:
        """Make `path` a directory that only this account (and root) can enter.

        Raises EmbeddedServiceError if something else is there, such as a directory that another user made in advance.
        """
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            pass
        except OSError as error:
            raise EmbeddedServiceError(f"Cannot make {path}: {error.strerror}. Embedded services need it.") from error
        else:
            path.chmod(0o700)
        if self._is_closed_directory_of(path, os.geteuid()):  # ours, or another process of ours has only just made it
            self.own(path)
        if not self._is_closed_directory_of(path, self.uid):
            raise EmbeddedServiceError(
                f"{path} must be a directory of user id {self.uid} that is closed to others; it is not. "
                "Remove it, or run this as the user that started the services."
            )

    @staticmethod
    def _is_closed_directory_of(path: Path, uid: int) -> bool:
        found = path.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == uid and not stat.S_IMODE(found.st_mode) & 0o077


def service_account(checkout: Path) -> ServiceAccount:
    """Return the account that the services of `checkout` run as; the same at every call, nothing is created."""
    if os.geteuid() != 0:
        return ServiceAccount(os.geteuid(), os.getegid(), lent=False)
    owner = checkout.stat()
    if owner.st_uid != 0:
        return ServiceAccount(owner.st_uid, owner.st_gid, lent=True)
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    uid = next(uid for uid in _FREE_UIDS if uid not in taken)
    return ServiceAccount(uid, uid, lent=True)


def named_account(account: ServiceAccount) -> ServiceAccount:
    """Return an account that stands in the user database, which initdb insists on: `account` itself where it does."""
    try:
        pwd.getpwuid(account.uid)
    except KeyError:
        if not account.lent:
            raise EmbeddedServiceError(
                f"User id {account.uid} has no name on this machine (no line in /etc/passwd). "
                "PostgreSQL's initdb needs one."
            ) from None
        nobody = pwd.getpwnam("nobody")
        return ServiceAccount(nobody.pw_uid, nobody.pw_gid, lent=True)
    return account
