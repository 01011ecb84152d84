"""A folder of PostgreSQL dumps is evaluated on a server, in databases that are gone afterwards."""

import json
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.queries.evaluations.conftest import known_engine

__all__ = ["known_engine"]
QUESTIONS = [
    {"id": "q1", "db_id": "town", "question": "How many people are there?", "gold_sql": "SELECT count(*) FROM people"},
    {"id": "q2", "db_id": "town", "question": "How many people are older than 30?",
     "gold_sql": "SELECT count(*) FROM people WHERE name ILIKE 'a%'"},
    {"id": "q3", "db_id": "town", "question": "How many people live here?", "gold_sql": "DELETE FROM people"},
]  # fmt: skip
DUMP = """
CREATE TABLE public.people (id bigint PRIMARY KEY, name text, age integer, born date);
INSERT INTO public.people VALUES (1, 'Ann', 30, '1996-01-01'), (2, 'Bob', 40, NULL), (3, 'Änn', 50, NULL);
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "databases_pg").mkdir()
    (tmp_path / "databases_pg" / "town.sql").write_text(DUMP, encoding="utf-8")
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, QUESTIONS)), encoding="utf-8")
    return tmp_path


def made() -> list[str]:
    with psycopg.connect(settings.SAMPLE_ADMIN_URL) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'parley_evaluation%'")
        return [name for (name,) in rows]


def run(*arguments: object) -> dict[str, object]:
    out = StringIO()
    call_command("evaluate", *map(str, arguments), stdout=out, stderr=StringIO())
    summary: dict[str, object] = json.loads(out.getvalue().splitlines()[-1])
    return summary


def test_dumps_are_loaded_compared_and_dropped(folder: Path) -> None:
    before = made()
    summary = run(folder, "--server", settings.SAMPLE_ADMIN_URL)
    assert (summary["n"], summary["ex"]) == (3, 0.3333)
    assert summary["by_reason"] == {"values": 1, "gold fails": 1}  # a known SQL that would change something fails
    assert made() == before


def test_a_dump_that_does_not_load_is_named_and_leaves_nothing(folder: Path) -> None:
    (folder / "databases_pg" / "town.sql").write_text("CREATE TABLE", encoding="utf-8")
    before = made()
    with pytest.raises(CommandError, match=r"town\.sql cannot be loaded"):
        run(folder)
    assert made() == before


def test_a_server_that_is_not_there_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be reached"):
        run(folder, "--server", f"postgresql://nobody@/postgres?host={tmp_path}")
