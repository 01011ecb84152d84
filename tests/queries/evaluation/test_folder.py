import json
import sqlite3
from pathlib import Path

import pytest
from sqlglot import parse_one

from apps.clarification.readings import Reading
from apps.common.errors import InvalidInput
from apps.queries.context import Context
from apps.queries.evaluation.folder import open_folder
from apps.queries.evaluation.runner import Evaluator


def write(folder: Path, *rows: dict[str, object]) -> Path:
    (folder / "questions.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return folder


def test_gold_may_be_one_text_or_several(tmp_path: Path) -> None:
    row = {"id": 1, "db_id": "d", "question": "q"}
    one, several = open_folder(write(tmp_path, {**row, "gold_sql": "a"}, {**row, "gold_sql": ["a", "b"]})).examples()
    assert one.gold == ("a",)
    assert several.gold == ("a", "b")


def test_databases_may_be_a_file_that_names_the_folder(tmp_path: Path) -> None:
    folder, shared = tmp_path / "questions", tmp_path / "shared"
    folder.mkdir()
    (shared / "d").mkdir(parents=True)
    (shared / "d" / "d.sqlite").touch()
    (folder / "databases").write_text("../shared\n", encoding="utf-8")
    assert open_folder(write(folder)).database("d").name == "d.sqlite"


def test_questions_without_the_wanted_field_are_left_out(tmp_path: Path) -> None:
    row = {"id": 1, "db_id": "d", "question": "q", "syn_question": None}
    assert list(open_folder(write(tmp_path, row)).examples(question_field="syn_question")) == []


def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"questions\.jsonl"):
        open_folder(tmp_path / "nowhere")


def test_postgres_dumps_need_a_server(tmp_path: Path) -> None:
    (tmp_path / "databases_pg").mkdir()
    folder = open_folder(write(tmp_path, {"id": 1, "db_id": "town", "question": "q", "gold_sql": "SELECT 1"}))
    evaluator = Evaluator(folder, lambda context, record: [], 0.5)
    with pytest.raises(InvalidInput, match="--server"):
        list(evaluator.outcomes(list(folder.examples())))
    with pytest.raises(InvalidInput, match="no dump"):
        folder.dump("../town")


def test_a_database_cannot_lie_outside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "databases").mkdir()
    with pytest.raises(InvalidInput, match="no SQLite file"):
        open_folder(write(tmp_path)).database("../../etc")


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"id": 1}\n', encoding="utf-8")
    with pytest.raises(InvalidInput, match="line 1"):
        list(open_folder(tmp_path).examples())


def test_an_engine_that_crashes_over_one_question_fails_at_that_one(tmp_path: Path) -> None:
    (tmp_path / "databases" / "d").mkdir(parents=True)
    sqlite3.connect(tmp_path / "databases" / "d" / "d.sqlite").execute("CREATE TABLE people (name TEXT)").close()
    rows = [{"id": name, "db_id": "d", "question": name, "gold_sql": "SELECT 1"} for name in ("good", "bad", "worse")]

    def engine(context: Context, record: object) -> list[Reading]:
        if context.question == "bad":
            raise RecursionError
        if context.question == "worse":
            raise InvalidInput("No.")
        return [Reading(parse_one("SELECT 1"), 0.9)]

    folder = open_folder(write(tmp_path, *rows))
    outcomes = list(Evaluator(folder, engine, 0.5, threads=2).outcomes(list(folder.examples())))
    assert [(one.id, one.status, one.reason) for one in outcomes] == [
        ("good", "answered", ""), ("bad", "failed", "internal_error"), ("worse", "failed", "invalid_input"),
    ]  # fmt: skip
