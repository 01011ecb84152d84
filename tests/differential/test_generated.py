"""A bounded form of `make differential`: the same seeds, fewer statements."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest

from config.embedded import admin_url
from tests.differential.engines import DuckdbEngine, Engine, PostgresEngine, SqliteEngine
from tests.differential.generated import try_all
from tests.differential.generator import Table
from tests.differential.server import drop_database, make_database

COUNT = 800
SEED = 20


@pytest.fixture
def postgres() -> Iterator[PostgresEngine]:
    url = admin_url()
    name = f"differential_{uuid4().hex[:12]}"
    make_database(url, name)
    engine = PostgresEngine(url, name, Table("postgres").setup)
    yield engine
    engine.close()
    drop_database(url, name)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqliteEngine]:
    engine = SqliteEngine(tmp_path, Table("sqlite").setup)
    yield engine
    engine.close()


@pytest.fixture
def duckdb(tmp_path: Path) -> Iterator[DuckdbEngine]:
    engine = DuckdbEngine(tmp_path, Table("duckdb").setup)
    yield engine
    engine.close()


@pytest.mark.parametrize("name", ["postgres", "sqlite", "duckdb"])
def test_what_is_released_changes_nothing_and_honest_reads_are_released(
    name: str, request: pytest.FixtureRequest
) -> None:
    engine: Engine = request.getfixturevalue(name)
    outcome = try_all(engine, Table(name), count=COUNT, seed=SEED)
    assert outcome.changed == []
    assert outcome.passed == []
    assert len(outcome.refused) <= outcome.honest * 0.01, outcome.refused[:5]
    assert outcome.released > outcome.honest * 0.9


@pytest.mark.parametrize("name", ["postgres", "sqlite", "duckdb"])
def test_a_change_would_be_seen(name: str, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(name)
    seen = [engine.state()]
    for text in ("INSERT INTO secrets VALUES (7, 'new')", "DELETE FROM orders", "CREATE TABLE more (a integer)"):
        if text.startswith("CREATE") and name == "postgres":
            text = "SELECT set_config('work_mem', '9MB', false)"
        engine.run(text)
        seen.append(engine.state())
    assert all(one != other for one, other in pairwise(seen))
