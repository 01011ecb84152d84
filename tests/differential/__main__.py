"""The long form: `python -m tests.differential [--count N] [--seed N]`, or a folder of PostgreSQL's own suite."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.datasources.mariadb import INSTALLER, SERVER, mariadb_server
from tests.differential.engines import DuckdbEngine, Engine, MariadbEngine, PostgresEngine, SqliteEngine
from tests.differential.generated import try_all
from tests.differential.generator import Table
from tests.differential.regression import run_suite
from tests.differential.server import make_database, throwaway_server

MOST_REFUSED = 0.005


def main() -> int:
    """Exit code 0 if nothing released changed anything and at most half a percent of honest reads was refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="src/test/regress/sql of PostgreSQL's source")
    parser.add_argument("--count", type=int, default=20_000, help="generated statements for each engine")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.folder:
        return _suite(arguments.folder)
    return max(
        [_generated(name, arguments.count, arguments.seed) for name in ("postgres", "mysql", "sqlite", "duckdb")]
    )


def _suite(folder: Path) -> int:
    with throwaway_server() as url:
        report = run_suite(folder, url)
    print(*report.lines(), sep="\n")
    in_session = [text for text in report.changed if ", in the session: " in text]
    return int(bool(in_session) or report.refused_share > MOST_REFUSED)


def _generated(name: str, count: int, seed: int) -> int:
    if name == "mysql" and not (SERVER and INSTALLER):
        print("mysql: MariaDB is not installed, so it was not tried")
        return 0
    table = Table(name)
    with _engine(name, table) as engine:
        outcome = try_all(engine, table, count=count, seed=seed)
    print(
        f"{name}: {outcome.statements} statements, {outcome.released} released,"
        f" {len(outcome.changed)} changed something, "
        f"{len(outcome.passed)} hostile released, {len(outcome.refused)} of {outcome.honest} honest refused"
    )
    print(*(f"  CHANGED {text}" for text in outcome.changed[:20]), sep="\n")
    print(*(f"  PASSED {text}" for text in outcome.passed[:20]), sep="\n")
    return int(bool(outcome.changed or outcome.passed) or len(outcome.refused) > MOST_REFUSED * outcome.honest)


@contextmanager
def _engine(name: str, table: Table) -> Iterator[Engine]:
    if name == "postgres":
        with throwaway_server() as url:
            make_database(url, "differential")
            engine = PostgresEngine(url, "differential", table.setup)
            yield engine
            engine.close()
        return
    with tempfile.TemporaryDirectory(prefix="parley-differential-") as folder:
        if name == "mysql":
            with mariadb_server(Path(folder)) as sockets:
                mariadb = MariadbEngine(str(sockets / "mysqld.sock"), table.setup)
                yield mariadb
                mariadb.close()
            return
        file = (SqliteEngine if name == "sqlite" else DuckdbEngine)(Path(folder), table.setup)
        yield file
        file.close()


if __name__ == "__main__":
    sys.exit(main())
