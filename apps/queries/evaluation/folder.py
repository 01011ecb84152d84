"""Reads a folder of questions: `questions.jsonl` beside a folder of SQLite files."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.common.errors import InvalidInput
from apps.queries.context import Turn


@dataclass(frozen=True)
class Example:
    """One question whose answer is known.

    `gold` holds the acceptable SQL texts of the main reading, `alternatives` those of the other readings of an
    ambiguous question. `tables` are the headers of a question without a database. `question_class` is empty where the
    shape of the known SQL says it.
    """

    id: str
    db_id: str
    question: str
    gold: tuple[str, ...]
    alternatives: tuple[str, ...] = ()
    difficulty: str = "unknown"
    ambiguous: bool = False
    gold_ok: bool = True
    question_type: str | None = None
    history: tuple[Turn, ...] = ()
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    schema_text: str = ""
    question_class: str = ""


@dataclass(frozen=True)
class Folder:
    """A benchmark folder; `databases` is where the SQLite files are, `dumps` where PostgreSQL's are, None for none."""

    path: Path
    databases: Path | None
    dumps: Path | None = None

    @property
    def has_databases(self) -> bool:
        return self.databases is not None or self.dumps is not None

    def examples(self, *, question_field: str = "question") -> Iterator[Example]:
        """The questions in the order of the file, without those that have nothing in that field."""
        with (self.path / "questions.jsonl").open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                example = self._example(number, line, question_field) if line.strip() else None
                if example:
                    yield example

    def _example(self, number: int, line: str, question_field: str) -> Example | None:
        try:
            row = json.loads(line)
            return parse_example(row, question_field) if row[question_field] is not None else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(f"questions.jsonl, line {number}: cannot be read ({error!r}).") from error

    def database(self, db_id: str) -> Path:
        """The SQLite file of a database. Raises InvalidInput where there is none."""
        if self.databases is None:
            raise InvalidInput(f"{self.path.name} has no databases folder.")
        return _inside(self.databases, f"{db_id}/{db_id}.sqlite", f"There is no SQLite file for database {db_id!r}.")

    def dump(self, db_id: str) -> Path:
        """The PostgreSQL dump of a database. Raises InvalidInput where there is none."""
        if self.dumps is None:
            raise InvalidInput(f"{self.path.name} has no PostgreSQL dumps.")
        return _inside(self.dumps, f"{db_id}.sql", f"There is no dump of database {db_id!r}.")


def _inside(folder: Path, name: str, otherwise: str) -> Path:
    """The file of that name in the folder and nowhere else. Raises InvalidInput."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise InvalidInput(otherwise)
    return path


def open_folder(path: Path) -> Folder:
    """Find the parts of a benchmark folder. Raises InvalidInput with what is missing."""
    if not (path / "questions.jsonl").is_file():
        raise InvalidInput(f"{path} has no questions.jsonl.")
    databases = path / "databases"
    if databases.is_file():
        databases = path / databases.read_text(encoding="utf-8").strip()
    if not databases.is_dir():
        dumps = path / "databases_pg"
        return Folder(path, None, dumps if dumps.is_dir() else None)
    return Folder(path, databases)


def parse_example(row: Mapping[str, Any], question_field: str = "question") -> Example:
    """One line of `questions.jsonl`."""
    return Example(
        id=str(row["id"]),
        db_id=str(row["db_id"]),
        question=str(row[question_field]),
        gold=_texts(row.get("gold_sql")),
        alternatives=_texts(row.get("alt_sql")),
        difficulty=row.get("difficulty") or "unknown",
        ambiguous=bool(row.get("ambiguous")),
        gold_ok=row.get("gold_ok", True),
        question_type=row.get("question_type"),
        history=tuple(_turn(turn) for turn in row.get("history") or ()),
        tables={name: tuple(columns) for name, columns in (row.get("tables") or {}).items()},
        schema_text=row.get("schema", "") if row.get("needs_schema_edit") else "",
    )


def _turn(turn: Any) -> Turn:
    if isinstance(turn, str):
        return Turn(turn, None)
    sql = turn.get("sql") or turn.get("gold_sql")
    return Turn(str(turn["question"]), sql if isinstance(sql, str) else next(iter(sql or ()), None))


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
