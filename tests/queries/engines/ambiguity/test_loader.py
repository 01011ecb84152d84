"""Files of databases with questions: what is taken, what is refused, and what is written."""

import json
from pathlib import Path

import pytest

from apps.common.errors import InvalidInput
from apps.queries.evaluation.folder import open_folder
from bench.ambiguity.corpus import read_corpora, write_folder

GYM = """
schema = "CREATE TABLE gym (name TEXT); INSERT INTO gym VALUES ('North')"
[[questions]]
kind = "scope"
question = "Which gyms?"
readings = [["SELECT name FROM gym", "SELECT * FROM gym"], "SELECT 1"]
[[questions]]
kind = "plain"
question = "How many gyms?"
readings = ["SELECT COUNT(*) FROM gym"]
"""


def test_a_folder_is_written_as_evaluate_reads_it(tmp_path: Path) -> None:
    (tmp_path / "gyms.toml").write_text(GYM, encoding="utf-8")
    write_folder(read_corpora(tmp_path), tmp_path / "out")
    folder = open_folder(tmp_path / "out")
    ambiguous, clear = folder.examples()
    assert (ambiguous.ambiguous, clear.ambiguous) == (True, False)
    assert ambiguous.gold == ("SELECT name FROM gym", "SELECT * FROM gym")
    assert ambiguous.alternatives == ("SELECT 1",)
    assert folder.database("gyms").is_file()
    lines = (tmp_path / "out" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["scope", "plain"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('kind = "plain"', 'kind = "other"', "question 2 needs"),
        ('readings = ["SELECT COUNT(*) FROM gym"]', "readings = []", "question 2 needs"),
        ('question = "Which gyms?"', "", "KeyError"),
        ("[[questions]]", "[[questions", "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_with_its_file(tmp_path: Path, before: str, after: str, said: str) -> None:
    (tmp_path / "gyms.toml").write_text(GYM.replace(before, after), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"gyms\.toml") as refused:
        read_corpora(tmp_path)
    assert said in str(refused.value)


def test_a_schema_that_does_not_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gyms.toml").write_text(GYM.replace("CREATE TABLE", "MAKE"), encoding="utf-8")
    with pytest.raises(InvalidInput, match="gyms: the database cannot be made"):
        write_folder(read_corpora(tmp_path), tmp_path / "out")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no \*.toml"):
        read_corpora(tmp_path)
