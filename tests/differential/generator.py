"""Writes statements of all kinds from a table of parts, the same ones for the same seed.

A dialect's table (`statements/<dialect>.toml`) says what to put together: `wholes` are reads with places to fill,
`places` what fills them, `effects` calls that change or reveal something, `wrappers` where a call can hide,
`statements` what is no read at all, `disguises` how that can look like one.
"""

import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PLACE = re.compile(r"<(\w+)>")
_MOST_DEPTH = 4


@dataclass(frozen=True)
class Generated:
    """One statement. An honest one is to be allowed; any other is to be refused or to change nothing."""

    sql: str
    is_honest: bool


class Table:
    """The parts of one dialect."""

    def __init__(self, dialect: str) -> None:
        path = Path(__file__).parent / "statements" / f"{dialect}.toml"
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        self.setup: str = table["setup"]
        self.wholes = _lines(table["wholes"])
        self.places = {name: _lines(text) for name, text in table["places"].items()}
        self.effects = _lines(table["effects"])
        self.wrappers = _lines(table["wrappers"])
        self.statements = _lines(table["statements"])
        self.disguises = _lines(table["disguises"])


def honest(table: Table, count: int, seed: int) -> Iterator[Generated]:
    """Reads: each whole at least once, then mixed anew until there are `count`."""
    dice = random.Random(seed)
    for number in range(count):
        whole = table.wholes[number % len(table.wholes)]
        yield Generated(_filled(whole, table, dice), is_honest=True)


def hostile(table: Table, count: int, seed: int) -> Iterator[Generated]:
    """Everything else: each effect and each statement at least once, then in disguises until there are `count`."""
    dice = random.Random(seed)
    for statement in table.statements:
        yield Generated(_filled(statement, table, dice), is_honest=False)
    for effect in table.effects:
        yield Generated(_filled(dice.choice(table.wrappers).replace("<x>", effect), table, dice), is_honest=False)
    for _ in range(count - len(table.statements) - len(table.effects)):
        if dice.random() < 0.5:
            text = dice.choice(table.disguises).replace("<s>", dice.choice(table.statements))
        else:
            text = dice.choice(table.wrappers).replace("<x>", dice.choice(table.effects))
        yield Generated(_filled(text, table, dice), is_honest=False)


def _filled(text: str, table: Table, dice: random.Random) -> str:
    """The text with every place filled; deep down only with the first choices, which have no places themselves."""
    for depth in range(_MOST_DEPTH + 1):
        if not _PLACE.search(text):
            break

        def fill(found: re.Match[str], depth: int = depth) -> str:
            choices = table.places[found[1]]
            plain = [choice for choice in choices if not _PLACE.search(choice)]
            return dice.choice(plain if depth >= _MOST_DEPTH - 1 else choices)

        text = _PLACE.sub(fill, text)
    return text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
