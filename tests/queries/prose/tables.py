"""Results for the cases, and random ones."""

import random
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.datasources.results import ResultSet
from tests.queries.charts.shapes import result_of

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"), parse_float=Decimal)
_FIRST, _SECOND = "Bar Cal Dor Fen Gar Hol Kin Lam".split(), "ton by wick ford ham mere stead".split()
LABELS = [first + second for first in _FIRST for second in _SECOND]


def case_result(name: str) -> ResultSet:
    table: dict[str, Any] = CASES["tables"][name]
    return result_of(table["columns"], map(tuple, table["rows"]), truncated=table.get("truncated", False))


def random_result(dice: random.Random, row_count: int, most: int = 1_000) -> ResultSet:
    """Names beside a count and an amount of money."""
    names = dice.sample(LABELS, row_count)
    rows = [(name, dice.randrange(1, most), Decimal(dice.randrange(100, most * 100)) / 100) for name in names]
    return result_of("city orders amount_eur", rows)
