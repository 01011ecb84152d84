"""Log lines: one for each thing that happened, whatever text is in it."""

import json
import logging
import re
from datetime import datetime
from typing import Any

import pytest

from config.logging import logging_config

HOSTILE = [
    'x\n{"level": "info", "message": "signed in"}', "x\r\nforged", "\x1b[2J\x1b[1;1Hgone", "\u202egnirts", "a\u2028b",
    "a\x85b", "\x00\x07\x9b31m", "\ud800",
]  # fmt: skip


def rendered(output: str, text: str, **extra: Any) -> str:
    formatter = logging_config(level="INFO", output=output)["formatters"]["structured"]
    handler = logging.StreamHandler()
    handler.setFormatter(formatter["()"](**{key: value for key, value in formatter.items() if key != "()"}))
    record = logging.LogRecord("apps.x", logging.INFO, "x.py", 1, "Not Found: %s", (text,), None)
    record.__dict__.update(extra)
    return handler.format(record)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_forges_a_line_of_json(text: str) -> None:
    line = rendered("json", text, question=text)
    assert line.isascii()
    assert line.isprintable()
    found = json.loads(line)
    assert (found["question"], found["level"], found["message"]) == (text, "info", f"Not Found: {text}")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_forges_a_line_of_a_console(text: str) -> None:
    line = re.sub(r"\x1b\[\d*m", "", rendered("console", text, question=text))  # the renderer's own colours
    assert line.isprintable(), line


def test_a_line_tells_its_time_in_utc_with_its_offset() -> None:
    moment = datetime.fromisoformat(json.loads(rendered("json", "x"))["timestamp"])
    assert moment.utcoffset() is not None
    assert moment.utcoffset().total_seconds() == 0  # type: ignore[union-attr]
