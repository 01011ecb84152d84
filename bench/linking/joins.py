"""Which of the joins that known SQL makes are inferred where no key is declared, and how many inferred ones it uses."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from apps.datasources.schema import Schema
from apps.knowledge.joins import JoinGraph
from apps.queries.evaluation.folder import open_folder
from apps.queries.evaluation.sources import SqliteSource
from apps.queries.evaluation.split import is_measure_only

from .gold import Pair, needs_of


@dataclass
class JoinTally:
    """Pairs of columns that SQL joins, those inferred, and both; `uses` counts joins of questions, not pairs."""

    wanted: int = 0
    inferred: int = 0
    both: int = 0
    uses: int = 0
    uses_found: int = 0
    declared: int = 0
    declared_found: int = 0
    missed: list[tuple[str, str]] = field(default_factory=list)
    needless: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"inferred {self.inferred} pairs, {self.both} of them joined by known SQL or declared "
            f"(precision {self.both / max(1, self.inferred):.3f}); of {self.wanted} pairs that SQL joins found "
            f"{self.wanted - len(self.missed)} ({1 - len(self.missed) / max(1, self.wanted):.3f}), "
            f"by use {self.uses_found / max(1, self.uses):.3f}; of {self.declared} declared keys "
            f"{self.declared_found / max(1, self.declared):.3f}"
        )


def measure(folder: Path, *, part: str, with_values: bool) -> JoinTally:
    """Compare for every database of a part of a folder, with declared keys hidden: by names and types alone, or with
    the overlap of values too."""
    opened = open_folder(folder)
    source = lru_cache(maxsize=256)(lambda db_id: SqliteSource(opened.database(db_id)))
    joined: dict[str, list[Pair]] = {}
    for example in opened.examples():
        if part != "all" and is_measure_only(example.db_id) != (part == "measure"):
            continue
        for sql in example.gold[:1]:
            needs = needs_of(sql, source(example.db_id).schema)
            joined.setdefault(example.db_id, []).extend(needs.joins if needs else ())
    tally = JoinTally()
    for db_id, uses in joined.items():
        _add(tally, db_id, uses, source(db_id), with_values=with_values)
    return tally


def _add(tally: JoinTally, db_id: str, uses: list[Pair], source: SqliteSource, *, with_values: bool) -> None:
    schema = source.schema
    declared = _pairs(JoinGraph(schema), schema, declared=True)
    hidden = replace(schema, tables=tuple(replace(table, foreign_keys=()) for table in schema))
    if with_values:
        hidden = replace(hidden, overlaps=source.overlaps(hidden))
    inferred = _pairs(JoinGraph(hidden), hidden, declared=False)
    wanted = set(uses)
    tally.wanted += len(wanted)
    tally.inferred += len(inferred)
    tally.both += len(inferred & (wanted | declared))
    tally.uses += len(uses)
    tally.uses_found += sum(pair in inferred for pair in uses)
    tally.declared += len(declared)
    tally.declared_found += len(declared & inferred)
    tally.missed += [(db_id, _told(pair)) for pair in wanted - inferred]
    tally.needless += [(db_id, _told(pair)) for pair in inferred - wanted - declared]


def _pairs(graph: JoinGraph, schema: Schema, *, declared: bool) -> set[Pair]:
    return {
        frozenset(((join.table, left), (join.target, right)))
        for table in schema
        for join in graph.joins_from(table.full_name)
        if join.declared is declared
        for left, right in zip(join.columns, join.target_columns, strict=True)
    }


def _told(pair: Iterable[tuple[str, str]]) -> str:
    return " = ".join(sorted(".".join(key) for key in pair))
