"""By what rows may be called best: their rating, what is sold or paid under them, how much belongs to them."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.knowledge.catalog import Catalog, ColumnEntry, TableEntry
from apps.queries.engines.builtin.plan import Aggregate

from .draft import spelled
from .frame import Measure, Term
from .measures import is_measure, named_in_comments
from .paths import is_certain, is_to_one, multiplies, path

_RATED = frozenset(("rating", "score", "grade", "stars", "star"))
_MONEY = frozenset("amount total value revenue sale turnover income profit sum".split())
_QUANTITY = frozenset("quantity unit piece sold volume view download vote".split())
_NOT_ADDED = frozenset(
    "price cost rate percent percentage level limit discount average minimum maximum stock refund".split()
)
_MOST_STEPS = 3
_MOST_WAYS = 4


@dataclass(frozen=True, slots=True)
class Worth:
    """A measure of the rows of `base`, which belong to the rows that are judged; of those themselves where it is their
    own number."""

    label: str
    meaning: str
    base: str
    measure: Measure


def ways_to_judge(catalog: Catalog, table: str) -> list[Worth]:
    """What rows of a table may be ranked by, most telling first."""
    below = list(_below(catalog, table))
    named = [*_named(catalog, "revenue", below)]
    sums = [*named, *([] if named else _sums(catalog, below, _MONEY)[:1]), *_sums(catalog, below, _QUANTITY)[:1]]
    found = [*_own_ratings(catalog, table), *sums[:2], *_counts(catalog, table)[:2]]
    return found[:_MOST_WAYS]


def ways_to_sell(catalog: Catalog, table: str) -> list[Worth]:
    """What rows of a table may sell best by: pieces sold, and how often."""
    pieces = _sums(catalog, list(_below(catalog, table)), _QUANTITY)[:1]
    return [*pieces, *(_count(catalog, one.base, table, is_only_link=False) for one in pieces)]


def ways_by_word(catalog: Catalog, table: str, word: str) -> list[Worth]:
    """What a word ("revenue") that only comments explain may mean of these rows."""
    return [*_named(catalog, word, list(_below(catalog, table)))]


def _below(catalog: Catalog, table: str) -> Iterator[str]:
    """Tables whose rows each belong to one row of this one, nearest first."""
    found = []
    for name in catalog.tables:
        steps = path(catalog, name, table) if name != table else None
        if steps and len(steps) <= _MOST_STEPS and is_certain(steps, catalog) and not multiplies(steps, catalog):
            found.append((len(steps), name))
    yield from (name for _, name in sorted(found))


def _own_ratings(catalog: Catalog, table: str) -> list[Worth]:
    columns = [one for one in catalog.tables[table].columns if is_measure(one) and _RATED & set(one.words)]
    return [
        Worth(f"By {' '.join(one.words)}", spelled(one.key), table, Measure(Aggregate.MAX, Term(one.key)))
        for one in columns[:1]
    ]


def _named(catalog: Catalog, word: str, below: list[str]) -> Iterator[Worth]:
    for entry, _ in named_in_comments(catalog, word):
        if entry.table in below:
            yield _sum_of(entry, f"By {entry.column.comment.partition(':')[0].lower()}")


def _sums(catalog: Catalog, below: list[str], kind: frozenset[str]) -> list[Worth]:
    """Numbers of those rows that may be added up: amounts in several currencies may not."""
    entries = [one for name in below for one in catalog.tables[name].columns]
    return [
        _sum_of(one, f"By {' '.join(one.words)}")
        for one in entries
        if is_measure(one) and kind & set(one.words) and not _NOT_ADDED & set(one.words)
        and "currency" not in one.column.comment
    ]  # fmt: skip


def _sum_of(entry: ColumnEntry, label: str) -> Worth:
    return Worth(label, f"sum of {spelled(entry.key)}", entry.table, Measure(Aggregate.SUM, Term(entry.key)))


def _counts(catalog: Catalog, table: str) -> list[Worth]:
    """How many rows belong to each, of what is more than a link if there is any; of a link what it leads to."""
    joins = [one for one in catalog.joins.joins_from(table) if one.declared and one.target != table]
    near = [one.target for one in joins if not is_to_one(one, catalog) and is_to_one(one.reversed(), catalog)]
    links = {name for name in near if is_link(catalog.tables[name])}
    names = [name for name in dict.fromkeys(near) if name not in links] or list(dict.fromkeys(near))
    return [_count(catalog, name, table, is_only_link=name in links) for name in names]


def _count(catalog: Catalog, name: str, table: str, *, is_only_link: bool) -> Worth:
    label = f"By number of {_plural(catalog, name, table, is_only_link=is_only_link)}"
    return Worth(label, f"rows of {name.rpartition('.')[2]}", name, Measure(Aggregate.COUNT))


def is_link(entry: TableEntry) -> bool:
    """Whether a table only says which rows of others belong together."""
    keys = {name for key in entry.table.foreign_keys for name in key.columns}
    return len(entry.table.primary_key) > 1 and set(entry.table.primary_key) <= keys


def _plural(catalog: Catalog, name: str, table: str, *, is_only_link: bool) -> str:
    targets = [key.target_table for key in catalog.tables[name].table.foreign_keys]
    others = [one for one in targets if one not in (table, table.rpartition(".")[2])]
    return (others[0] if is_only_link and others else name).rpartition(".")[2].replace("_", " ")
