"""Schemas of a given size, 20 columns a table, in several kinds of names, and questions whose tables are known."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.values import MemoryValueIndex

from .words import AREAS, ASPECTS, DETAILS, FIELDS, SHORT_FORMS, TWO_WORD_FIELDS

COLUMNS = 20
BRIDGES_SHARE = 0.1
VALUE_LETTERS = "bdfgklmnprstvz"

Style = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class Case:
    """A question, the full names of the tables that it needs, and the values that are stored."""

    question: str
    needed: frozenset[str]


@dataclass(frozen=True)
class World:
    """A schema with what its questions are made of: the words of each table and column, bridges, one value a table."""

    schema: Schema
    said: dict[str, str]
    bridges: dict[str, tuple[str, str]]
    values: dict[str, str]

    def value_index(self) -> MemoryValueIndex:
        return MemoryValueIndex((table, "name", value) for table, value in self.values.items())


def snake(words: Sequence[str]) -> str:
    return "_".join(words)


def camel(words: Sequence[str]) -> str:
    return "".join(word.capitalize() for word in words)


def glued(words: Sequence[str]) -> str:
    return "".join(words)


def short(words: Sequence[str]) -> str:
    """Abbreviated, with the prefix that a warehouse gives its tables."""
    return "_".join(["dim", *(SHORT_FORMS.get(word, word) for word in words)])


STYLES: dict[str, Style] = {"snake": snake, "camel": camel, "glued": glued, "short": short}


def make_world(size: int, style: str, dice: random.Random) -> World:
    """`size` tables of two or three words each; one in ten joins two others and is named by neither."""
    spell = STYLES[style]
    names = [*product(AREAS, ASPECTS), *product(AREAS, ASPECTS, DETAILS)]
    names = names[: max(8, round(size * (1 - BRIDGES_SHARE)))]
    fields = [(word,) for word in FIELDS] + TWO_WORD_FIELDS
    said = {spell(words): " ".join(words) for words in names}
    keys = {table: spell([*said[table].split(), "id"]) for table in said}
    tables = [_entity(name, keys[name], [spell(one) for one in dice.sample(fields, COLUMNS - 2)]) for name in said]
    bridges = {}
    for number in range(size - len(tables)):
        pair = tuple(dice.sample(sorted(said), 2))
        bridges[f"x_{number:05d}"] = (pair[0], pair[1])
    tables += [_bridge(name, pair, keys, dice) for name, pair in bridges.items()]
    dice.shuffle(tables)
    return World(Schema("postgres", tuple(tables)), said, bridges, {table: _value(dice) for table in said})


def _entity(name: str, key: str, fields: Sequence[str]) -> Table:
    columns = [Column(key, ColumnType.INTEGER), Column("name", ColumnType.TEXT)]
    columns += [Column(field, ColumnType.TEXT) for field in fields if field != "name"]
    return Table(name, tuple(columns), primary_key=(key,))


def _bridge(name: str, pair: tuple[str, str], keys: dict[str, str], dice: random.Random) -> Table:
    """Half of the bridges declare their keys."""
    columns = tuple(Column(keys[one], ColumnType.INTEGER) for one in pair)
    filler = tuple(Column(f"attr_{number}", ColumnType.TEXT) for number in range(COLUMNS - 2))
    declared = dice.random() < 0.5
    foreign = tuple(ForeignKey((keys[one],), one, (keys[one],)) for one in pair) if declared else ()
    return Table(name, columns + filler, foreign_keys=foreign)


def _value(dice: random.Random) -> str:
    return "".join(dice.choice(VALUE_LETTERS) + dice.choice("aeiou") for _ in range(4)).capitalize()


def _field(world: World, table: str, dice: random.Random) -> str:
    known = world.schema.table(table)
    said = {snake(words) for words in TWO_WORD_FIELDS} | set(FIELDS)
    names = [column.name for column in known.columns if column.name in said] if known else []
    return dice.choice(names or ["name"]).replace("_", " ")


def two_tables(world: World, dice: random.Random) -> Case:
    one, other = dice.sample(sorted(world.said), 2)
    text = (
        f"Show the {_field(world, one, dice)} of each {world.said[one]} with the "
        f"{_field(world, other, dice)} of its {world.said[other]}"
    )
    return Case(text, frozenset((one, other)))


def three_tables(world: World, dice: random.Random) -> Case:
    one, other, third = dice.sample(sorted(world.said), 3)
    text = (
        f"Which {_plural(world.said[one])} have {_plural(world.said[other])} but no {world.said[third]}, "
        f"by {_field(world, one, dice)}?"
    )
    return Case(text, frozenset((one, other, third)))


def with_typos(world: World, dice: random.Random) -> Case:
    """Every third longer word lacks a letter, doubles one or has two exchanged."""
    case = two_tables(world, dice)
    words = case.question.split()
    words = [_mistyped(word, dice) if len(word) > 4 and dice.random() < 0.33 else word for word in words]
    return Case(" ".join(words), case.needed)


def by_value(world: World, dice: random.Random) -> Case:
    """One table is known by a stored value alone."""
    one, other = dice.sample(sorted(world.said), 2)
    return Case(f"How many {_plural(world.said[one])} belong to {world.values[other]}?", frozenset((one, other)))


def over_a_bridge(world: World, dice: random.Random) -> Case:
    """Two tables are named, and a third that nothing names joins them."""
    if not world.bridges:
        return two_tables(world, dice)
    bridge = dice.choice(sorted(world.bridges))
    one, other = world.bridges[bridge]
    text = f"Count the {_plural(world.said[other])} of every {world.said[one]}"
    return Case(text, frozenset((bridge, one, other)))


def _plural(words: str) -> str:
    if words.endswith("s"):
        return words if words.endswith("us") else f"{words}es"
    return f"{words[:-1]}ies" if words.endswith("y") and words[-2] not in "aeiou" else f"{words}s"


def _mistyped(word: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(word) - 1)
    kind = dice.randrange(3)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place] + word[place:]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


KINDS: dict[str, Callable[[World, random.Random], Case]] = {
    "two tables": two_tables,
    "three tables": three_tables,
    "typos": with_typos,
    "by value": by_value,
    "bridge": over_a_bridge,
}
