"""`check_sql`: one JSON line out for each line in, whatever comes in."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command


def answers(monkeypatch: pytest.MonkeyPatch, text: str, *arguments: str) -> list[dict[str, Any]]:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    output = io.StringIO()
    call_command("check_sql", *arguments, stdout=output)
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_each_line_is_answered_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [{"sql": "SELECT 1"}, {"sql": "DROP TABLE x"}, {"sql": 5}, [], {"sql": "SELECT 1", "more": 1}, {}]
    text = "\n".join([*map(json.dumps, lines), "no JSON", ""])
    said = answers(monkeypatch, text, "--dialect", "postgres")
    assert [one["allowed"] for one in said] == [True] + [False] * 6
    assert [one["code"] for one in said] == [None, "not_a_select"] + ["invalid_input"] * 5
    assert said[0] == {"allowed": True, "code": None, "reason": None, "sql": "SELECT 1 LIMIT 10000"}
    assert "sql" in said[2]["reason"]
    assert "more" in said[4]["reason"]


def test_a_dialect_or_a_source_is_needed() -> None:
    with pytest.raises(CommandError, match="--dialect"):
        call_command("check_sql")
    with pytest.raises(CommandError, match="--source"):
        call_command("check_sql", "--dialect", "postgres", "--as", "alice@acme.test")
