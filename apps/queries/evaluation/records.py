"""Reads the file that `evaluate --json` wrote, for a comparison with a later one."""

import json
from pathlib import Path

from apps.common.errors import InvalidInput

from .flips import Fate


def read_fates(path: Path) -> list[Fate]:
    """The outcomes in a file of records. Raises InvalidInput naming the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read.") from error
    return [_fate(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _fate(path: Path, number: int, line: str) -> Fate:
    try:
        row = json.loads(line)
        return Fate(
            str(row["id"]), str(row.get("question", "")), str(row["status"]), row["correct"],
            str(row.get("reason", "")), str(row.get("sql", "")),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{path}, line {number}: this is no record of an evaluation ({error!r}).") from error
