"""`manage.py evaluate` as a person at a shell uses it: of a folder, of a source, of two evaluations."""

import json
import sqlite3
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.accounts.row_security import no_scope
from apps.queries.evaluations.models import Evaluation
from apps.queries.work import keeper
from tests.model_server import ModelServer
from tests.queries.engines.model.conftest import dead_url, serve
from tests.queries.evaluations.conftest import COUNT, OTHERWISE, PRODUCTS, Verify, known_engine, verify

__all__ = ["dead_url", "known_engine", "serve", "verify"]
QUESTIONS = [
    {"id": "q1", "db_id": "town", "question": "How many people are there?", "gold_sql": "SELECT count(*) FROM people"},
    {"id": "q2", "db_id": "town", "question": "How many people are older than 30?",
     "gold_sql": "SELECT count(*) FROM people WHERE age > 30"},
    {"id": "q3", "db_id": "town", "question": "How many people are there in town?", "gold_sql": "SELECT 99"},
]  # fmt: skip
CONTRACT = [
    "n", "ex", "coverage", "precision", "asked_on_ambiguous", "asked_on_clear", "readings_found", "triage_f1",
    "by_difficulty", "p50_ms", "p95_ms",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    database = tmp_path / "databases" / "town" / "town.sqlite"
    database.parent.mkdir(parents=True)
    connection = sqlite3.connect(database)
    connection.executescript(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);"
        "INSERT INTO people VALUES (1, 'Ann', 30), (2, 'Bob', 40);"
    )
    connection.close()
    lines = [json.dumps(one) for one in QUESTIONS]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


@pytest.fixture
def _lease_is_not_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "RENEWAL_SECONDS", 60.0)


def run(*arguments: object) -> list[str]:
    out = StringIO()
    call_command("evaluate", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue().splitlines()


def test_the_last_line_is_the_summary_of_the_contract(folder: Path) -> None:
    """Without any mark for the database: a folder is evaluated without it."""
    summary = json.loads(run(folder)[-1])
    assert set(summary) >= set(CONTRACT)
    assert (summary["n"], summary["ex"]) == (3, 0.6667)
    assert summary["by_difficulty"]["easy"]["n"] == 3
    assert summary["seconds"] > 0


def test_records_predictions_and_the_table_by_class_are_written(folder: Path, tmp_path: Path) -> None:
    records, predictions = tmp_path / "r.jsonl", tmp_path / "p.sql"
    lines = run(folder, "--json", records, "--predictions", predictions, "--by", "class", "--runs", 2)
    assert lines[:2] == ["| class | n | missed | EX |", "|---|---|---|---|"]
    assert "| one table, flat | 3 | 1 | 0.67 |" in lines
    summary = json.loads(lines[-1])
    assert (summary["n"], summary["runs"], summary["unsteady"], summary["unsteady_sql"]) == (3, 2, 0, 0)
    written = [json.loads(line) for line in records.read_text().splitlines()]
    assert [(one["id"], one["run"]) for one in written] == [
        ("q1", 1), ("q2", 1), ("q3", 1), ("q1", 2), ("q2", 2), ("q3", 2)
    ]  # fmt: skip
    assert set(written[0]) >= {"id", "status", "sql", "readings", "asked", "confidence", "correct", "ms"}
    assert len(predictions.read_text().splitlines()) == 3


def test_two_files_are_compared(folder: Path, tmp_path: Path) -> None:
    records, changed = tmp_path / "r.jsonl", tmp_path / "c.jsonl"
    run(folder, "--json", records)
    changed.write_text(records.read_text().replace('"correct": false', '"correct": true'))
    text = "\n".join(run("--compare", records, changed))
    assert "3 questions compared, 1 with another outcome" in text
    assert "wrong → " in text
    assert "q3: How many people are there in town?" in text


def test_what_is_missing_or_wrong_is_told(folder: Path) -> None:
    for arguments, told in (
        ((), "FOLDER"),
        ((folder, "--runs", 0), "--runs"),
        ((folder / "nowhere",), "questions.jsonl"),
        (("--compare", folder / "a", folder / "b"), "cannot be read"),
        ((folder, "--engine", "model"), "No model is configured"),
    ):
        with pytest.raises(CommandError, match=told):
            run(*arguments)


def test_a_model_is_estimated_first_and_put_in_parallel(folder: Path, serve: Callable[..., ModelServer]) -> None:
    read = {"sql": "SELECT count(*) FROM people", "explanation": "people", "likelihood": 0.9}
    serve({"json": {"readings": [read]}, "prompt_tokens": 1_000, "completion_tokens": 7, "times": 20})
    first, *_, last = run(folder, "--engine", "model", "--threads", 3, "--runs", 2)
    assert first.startswith("About ")
    assert "for 6 questions" in first
    summary = json.loads(last)
    assert (summary["ex"], summary["cost_usd"], summary["prompt_tokens"]) == (0.3333, "0.01542", 6_000)


@pytest.mark.django_db
@pytest.mark.usefixtures("_lease_is_not_renewed")
def test_a_source_is_evaluated_kept_and_compared(verify: Verify, tmp_path: Path) -> None:
    verify(COUNT, PRODUCTS, OTHERWISE)
    records = tmp_path / "r.jsonl"
    first, *_, last = run("--source", "sample", "--engine", "builtin", "--runs", 2, "--json", records)
    evaluation = Evaluation.objects.get()
    assert first == f"Evaluation {evaluation.pk}: 3 questions of sample."
    assert json.loads(last) == evaluation.summary
    assert (evaluation.summary["ex"], evaluation.summary["unsteady"]) == (0.6667, 0)
    assert len(records.read_text().splitlines()) == 6
    for after in (str(evaluation.pk), str(records)):
        assert run("--source", "sample", "--compare", evaluation.pk, after) == [
            "3 questions compared, 0 with another outcome"
        ]


@pytest.mark.django_db
@pytest.mark.usefixtures("_lease_is_not_renewed")
def test_an_evaluation_is_gone_on_with(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    verify(COUNT, PRODUCTS)

    def interrupted(*args: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("apps.queries.evaluations.work._Shift._conclude", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run("--source", "sample", "--engine", "builtin")
    evaluation = Evaluation.objects.get()
    assert evaluation.status == "running"
    Evaluation.objects.update(lease_expires_at=evaluation.created_at)
    assert json.loads(run("--source", "sample", "--resume", evaluation.pk)[-1])["ex"] == 1.0
    assert Evaluation.objects.get().status == "done"


@pytest.mark.django_db
def test_another_organizations_evaluation_is_not_there(verify: Verify, charlie: User, globex_source: Any) -> None:
    verify(COUNT)
    with pytest.raises(CommandError, match="no verified queries"), no_scope():
        run("--source", "sample", "--as", "charlie@globex.example", "--engine", "builtin")
    with pytest.raises(CommandError, match="There is no evaluation"):
        run("--source", "sample", "--compare", "nowhere", "nowhere")
