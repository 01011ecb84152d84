"""Reads files of small databases with questions and writes the folder that `manage.py evaluate` measures.

The format is described in `tests/queries/engines/ambiguity/README.md`.
"""

import json
import sqlite3
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.common.errors import InvalidInput

KINDS = ("scope", "attachment", "vague", "plain")


@dataclass(frozen=True)
class Case:
    """One question. `readings` holds for each meaning the acceptable SQL texts; a clear question has one meaning."""

    id: str
    kind: str
    question: str
    readings: tuple[tuple[str, ...], ...]

    @property
    def is_ambiguous(self) -> bool:
        return len(self.readings) > 1


@dataclass(frozen=True)
class Corpus:
    """One file: a database as SQL that makes it, and the questions about it."""

    name: str
    schema: str
    cases: tuple[Case, ...]

    def write_database(self, path: Path) -> None:
        """Make the SQLite file. Raises InvalidInput where the SQL fails."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            try:
                connection.executescript(f"PRAGMA synchronous = OFF; BEGIN; {self.schema}; COMMIT;")
            except sqlite3.Error as error:
                raise InvalidInput(f"{self.name}: the database cannot be made ({error}).") from error


def read_corpora(folder: Path) -> list[Corpus]:
    """Every `*.toml` of a folder, by name. Raises InvalidInput with what is wrong, and where."""
    corpora = [_corpus(path) for path in sorted(folder.glob("*.toml"))]
    if not corpora:
        raise InvalidInput(f"{folder} holds no *.toml.")
    return corpora


def write_folder(corpora: list[Corpus], folder: Path) -> None:
    """Databases and `questions.jsonl` as `manage.py evaluate` reads them."""
    for corpus in corpora:
        corpus.write_database(folder / "databases" / corpus.name / f"{corpus.name}.sqlite")
    lines = [json.dumps(row, ensure_ascii=False) for corpus in corpora for row in _rows(corpus)]
    (folder / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _rows(corpus: Corpus) -> Iterator[dict[str, object]]:
    for case in corpus.cases:
        first, *others = case.readings
        yield {
            "id": case.id, "db_id": corpus.name, "question": case.question, "kind": case.kind,
            "ambiguous": case.is_ambiguous, "gold_sql": list(first), "alt_sql": [texts[0] for texts in others],
        }  # fmt: skip


def _corpus(path: Path) -> Corpus:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        cases = tuple(_case(path.stem, number, row) for number, row in enumerate(raw["questions"], start=1))
        return Corpus(path.stem, str(raw["schema"]), cases)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{path.name} cannot be read ({error!r}).") from error


def _case(name: str, number: int, row: Mapping[str, Any]) -> Case:
    readings = tuple((one,) if isinstance(one, str) else tuple(map(str, one)) for one in row["readings"])
    if row["kind"] not in KINDS or not readings or not all(readings):
        raise ValueError(f"question {number} needs readings and a kind of {', '.join(KINDS)}")
    return Case(f"{name}-{number}", row["kind"], str(row["question"]), readings)
