import json
from pathlib import Path

import pytest

from apps.common.errors import InvalidInput
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
