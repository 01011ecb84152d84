"""How many of the names that known SQL needs are linked, and among how many rivals."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from apps.datasources.schema import Schema
from apps.knowledge.catalog import catalog_of
from apps.knowledge.linking import Link, link
from apps.knowledge.tokens import tokenize
from apps.queries.evaluation.folder import Example, open_folder
from apps.queries.evaluation.sources import SqliteSource
from apps.queries.evaluation.split import is_measure_only

from .gold import Key, Needs, needs_of

QUALITIES = (0.3, 0.5, 0.7)


@dataclass
class Tally:
    """Needed columns and tables, how many are linked with at least each quality, and the rivals of the linked ones."""

    columns: int = 0
    tables: int = 0
    links: int = 0
    questions: int = 0
    rivals: int = 0
    linked: dict[float, int] = field(default_factory=lambda: dict.fromkeys(QUALITIES, 0))
    linked_tables: int = 0
    missed: list[tuple[str, str, Key]] = field(default_factory=list)

    def add(self, example: Example, needs: Needs, links: list[Link]) -> None:
        """Count one question."""
        self.questions += 1
        self.links += len(links)
        best: dict[Key, Link] = {}
        for one in links:
            key = (one.table, one.column or "")
            if key not in best or one.quality > best[key].quality:
                best[key] = one
        touched = {one.table for one in links}
        self.tables += len(needs.tables)
        self.linked_tables += len(needs.tables & touched)
        self.columns += len(needs.columns)
        for key in sorted(needs.columns):
            found = best.get(key)
            quality = found.quality if found else 0.0
            for least in QUALITIES:
                self.linked[least] += quality >= least
            if found is None or quality < QUALITIES[0]:
                self.missed.append((example.db_id, example.question, key))
            else:
                self.rivals += _rivals(found, best)

    def __str__(self) -> str:
        shares = ", ".join(f"{self.linked[least] / self.columns:.3f} at {least}" for least in QUALITIES)
        known = self.linked[QUALITIES[0]]
        return (
            f"{self.questions} questions: columns linked {shares}; {self.rivals / max(known, 1):.2f} rivals each; "
            f"tables touched {self.linked_tables / self.tables:.3f}; {self.links / self.questions:.1f} links a question"
        )


def _rivals(found: Link, best: dict[Key, Link]) -> int:
    """Other columns that the same words fit at least as well."""
    return sum(
        other is not found
        and other.column is not None
        and other.start < found.end
        and found.start < other.end
        and other.quality >= found.quality
        for other in best.values()
    )


def measure(folder: Path, question_field: str, *, measure_only: bool) -> Tally:
    """Links of all questions of one part of a folder, beside what their SQL needs."""
    tally = Tally()
    for example, schema, needs in needed(folder, question_field, measure_only=measure_only):
        tally.add(example, needs, link(tokenize(example.question), catalog_of(schema)))
    return tally


def needed(folder: Path, question_field: str, *, measure_only: bool) -> Iterator[tuple[Example, Schema, Needs]]:
    """Every question of a part whose SQL can be read, with its schema."""
    opened = open_folder(folder)
    source = lru_cache(maxsize=256)(lambda db_id: SqliteSource(opened.database(db_id)))
    for example in opened.examples(question_field=question_field):
        if is_measure_only(example.db_id) != measure_only or not (example.gold_ok and example.gold):
            continue
        schema = source(example.db_id).schema
        needs = needs_of(example.gold[0], schema)
        if needs is not None and needs.columns:
            yield example, schema, needs
