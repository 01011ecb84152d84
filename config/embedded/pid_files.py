"""Whether the process that a pid file names is still the server that wrote it."""

import time
from pathlib import Path

try:
    import psutil
except ModuleNotFoundError:  # it comes with the servers' wheels; `require_wheels` tells of their absence
    psutil = None  # type: ignore[assignment]

_POLL_SECONDS = 0.02
_SERVERS = ("postgres", "redis-server")


def running_pid(pid_file: Path, directory: Path) -> int | None:
    """Return the pid on the first line of `pid_file` if that process works in `directory`, else None."""
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if works_in(pid, directory) else None


def works_in(pid: int, directory: Path) -> bool:
    """Say whether the live process `pid` has `directory` as its working directory, as both servers have their data.

    That tells a server from a process that was given its pid after a crash or a reboot, and from a pid file that came
    with a copied folder.
    """
    try:
        return is_alive(pid) and Path(psutil.Process(pid).cwd()) == directory
    except (OSError, psutil.Error):
        return False


def is_alive(pid: int) -> bool:
    """Say whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def wait_until_gone(pid: int, directory: Path, timeout_seconds: float) -> bool:
    """Wait for a server to end; say whether it did."""
    deadline = time.monotonic() + timeout_seconds
    while works_in(pid, directory):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def kill_servers_of_removed(directory: Path) -> None:
    """End the servers whose data, `directory`, was removed while they ran: no pid file leads to them any more."""
    for process in psutil.process_iter():
        try:
            named = process.cwd().removesuffix(" (deleted)") == str(directory)
            if process.name() in _SERVERS and named and not _is_same(Path(f"/proc/{process.pid}/cwd"), directory):
                process.kill()
        except (OSError, psutil.Error):  # it ended meanwhile, or is somebody else's
            continue


def _is_same(working_directory: Path, directory: Path) -> bool:
    """Say whether a process's directory is the one that has its name now; a removed one may have a successor."""
    return directory.exists() and working_directory.samefile(directory)
