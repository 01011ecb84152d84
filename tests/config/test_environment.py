"""The environment's variables and the page that lists them are the same."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / ".env.example").read_text().splitlines()


def documented() -> dict[str, str]:
    return dict(line.split("=", 1) for line in LINES if re.match(r"[A-Z_]+=", line))


def test_every_variable_stands_on_the_example_page() -> None:
    assert set(documented()) == {name.upper() for name in Environment.model_fields}


def test_every_variable_has_a_line_of_meaning_above_it() -> None:
    for before, line in pairwise(LINES):
        if re.match(r"[A-Z_]+=", line):
            assert before.startswith("# "), line


@pytest.mark.parametrize("name", [name for name, value in documented().items() if value])
def test_the_example_page_gives_the_real_default(name: str) -> None:
    default = Environment.model_fields[name.lower()].default
    assert str(default).lower() == documented()[name].lower()


def test_a_wrong_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQL_ROW_CAP", "many")
    with pytest.raises(ValidationError, match="sql_row_cap"):
        Environment()


def test_every_setting_is_read_somewhere() -> None:
    code = "".join(
        path.read_text()
        for folder in ("apps", "config")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "environment.py"
    )
    unread = [name for name in Environment.model_fields if not re.search(rf"\b{name}\b", code)]
    assert unread == []
