"""Keys that lead from a row to another row of its own table, by the role's name: `manager_id` is the manager."""

from dataclasses import dataclass
from functools import lru_cache

from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.plan import ColumnKey

from .frame import Others, Term
from .words import Words


@dataclass(frozen=True, slots=True)
class Pointer:
    """The row whose `target` equals this row's `key` plays the role that `words` name."""

    words: tuple[str, ...]
    key: ColumnKey
    target: ColumnKey

    def reads(self, column: ColumnKey) -> Term:
        """A column of the row pointed at."""
        return Term(column, others=Others(None, self.key, self.target))


@lru_cache(maxsize=128)
def pointers_of(catalog: Catalog) -> tuple[Pointer, ...]:
    """Every such key of a schema, longest names first."""
    found = []
    for table in catalog.tables.values():
        for key in table.table.foreign_keys:
            if key.target_table != table.table.name or len(key.columns) != 1:
                continue
            own, target = (catalog.column(table.name, name) for name in (key.columns[0], key.target_columns[0]))
            words = tuple(word for word in own.words if word != "id") if own else ()
            if own and target and words:  # a key may name columns that are not there, or that this person does not see
                found.append(Pointer(words, own.key, target.key))
    return tuple(sorted(found, key=lambda one: -len(one.words)))


def role_at(catalog: Catalog, words: Words, place: int) -> Pointer | None:
    """The role that is said at a place."""
    return next(
        (
            one
            for one in pointers_of(catalog)
            if all(words.lemma(place + at) == word for at, word in enumerate(one.words))
        ),
        None,
    )
