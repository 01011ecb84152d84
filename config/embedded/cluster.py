"""Making PostgreSQL's data directory, once for each checkout."""

import shutil
import tempfile
from pathlib import Path

from config.embedded.account import ServiceAccount, named_account
from config.embedded.binaries import postgres_programs
from config.embedded.errors import EmbeddedServiceError

# The collation comes from PostgreSQL itself: it sorts the same on every machine, whatever locales are installed there.
_INITDB_OPTIONS = (
    "--username=postgres",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=trust",
    "--auth-host=reject",
)


def make_cluster(data: Path, account: ServiceAccount) -> None:
    """Make the data directory `data`. It appears only once it is whole: a killed attempt leaves nothing half made."""
    unfinished = data.with_name(f"{data.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    maker = named_account(account)
    if maker == account:
        account.make_private_directory(unfinished)
        _run_initdb(unfinished, account)
    else:
        _make_elsewhere(unfinished, maker, account)
    unfinished.rename(data)


def _make_elsewhere(unfinished: Path, maker: ServiceAccount, account: ServiceAccount) -> None:
    """Let `maker` run initdb where it may enter, and hand the outcome over to `account`."""
    with tempfile.TemporaryDirectory(prefix="parley-initdb-") as workshop:
        maker.own(Path(workshop))
        made = Path(workshop) / "data"
        _run_initdb(made, maker)
        shutil.move(made, unfinished)
    for path in (unfinished, *unfinished.rglob("*")):
        account.own(path)


def _run_initdb(data: Path, maker: ServiceAccount) -> None:
    finished = maker.run([postgres_programs(maker) / "initdb", "-D", data, *_INITDB_OPTIONS])
    if finished.returncode != 0:
        raise EmbeddedServiceError(f"initdb failed.\n{finished.stdout.strip()}")
