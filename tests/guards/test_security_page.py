"""The security page names every line of the checklist, and only tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
NUMBERS = [f"C{number:02}" for number in range(1, 69)]
SECTIONS = dict(re.findall(r"^### (C\d\d)\b[^\n]*\n(.*?)(?=^##|\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_line_of_the_checklist_is_on_the_page_in_order() -> None:
    assert list(SECTIONS) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_each_line_names_tests_that_exist_or_says_why_there_is_none(number: str) -> None:
    named = TEST.findall(SECTIONS[number])
    assert named or re.search(r"\*\*(Does not apply|Falls short)\*\*", SECTIONS[number]), SECTIONS[number]
    for file, name in named:
        assert re.search(rf"^ *def {name}\(", (ROOT / file).read_text(), flags=re.MULTILINE), f"{file}::{name}"
