"""Generated statements against a real engine: what is released changes nothing, and honest reads are released."""

from dataclasses import dataclass, field
from itertools import chain

from apps.datasources.guard import UnsafeSql, check_sql
from tests.differential.engines import Engine
from tests.differential.generator import Table, honest, hostile


@dataclass
class Outcome:
    """What was found on one engine. `passed` are hostile statements that were released, harmless or not."""

    statements: int = 0
    released: int = 0
    changed: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    honest: int = 0


def try_all(engine: Engine, table: Table, *, count: int, seed: int) -> Outcome:
    """Half of the statements honest, half not; each released one runs where nothing but the guard protects it."""
    outcome = Outcome()
    before = engine.state()
    for statement in chain(honest(table, count // 2, seed), hostile(table, count - count // 2, seed)):
        outcome.statements += 1
        outcome.honest += statement.is_honest
        try:
            safe = check_sql(statement.sql, dialect=engine.dialect, access=engine.access)
        except UnsafeSql as error:
            if statement.is_honest:
                outcome.refused.append(f"{error.error_code}: {error.message} | {statement.sql}")
            continue
        outcome.released += 1
        if not statement.is_honest:
            outcome.passed.append(statement.sql)
        engine.run(safe.text)
        after = engine.state()
        if after != before:
            outcome.changed.append(statement.sql)
        before = after
    return outcome
