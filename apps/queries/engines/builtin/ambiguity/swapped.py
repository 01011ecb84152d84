"""Another column in the place of the one that a reading took for a vague word, where the question asks for more than
rows: "the highest price", "the average price"."""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from apps.clarification.readings import Choice, Reading
from apps.queries.engines.builtin.model import THRESHOLD
from apps.queries.engines.builtin.plan import ColumnKey
from apps.queries.engines.builtin.sql import SqlWriter

from .candidates import Vague, vague_words
from .heard import Heard
from .meanings import LESS_LIKELY
from .rows import listed
from .vague import choice_of


def swapped_readings(heard: Heard, readings: Sequence[Reading]) -> list[Reading]:
    """The best reading and its like with each other column that the same word may mean; none where nothing is vague.

    All of them share the certainty of the best, which stays first.
    """
    best = readings[0] if readings else None
    if best is None or best.score < THRESHOLD or best.choices or best.unexplained or best.second_opinion:
        return []
    for vague in vague_words(heard):
        taken = [key for key in _columns_of(vague) if _uses(best.tree, key)]
        others = [key for key in _columns_of(vague) if key not in taken and key[0] == taken[0][0]] if taken else []
        if len(taken) == 1 and others:
            return _shared(heard, vague, best, taken[0], others)
    return []


def _columns_of(vague: Vague) -> list[ColumnKey]:
    return [key for noun in vague.meanings for key in noun.columns]


def _shared(heard: Heard, vague: Vague, best: Reading, taken: ColumnKey, others: Sequence[ColumnKey]) -> list[Reading]:
    writer = SqlWriter(heard.catalog)
    weights = [1.0, *(LESS_LIKELY for _ in others)]
    trees = [best.tree, *(_swapped(best.tree, taken, other, writer) for other in others)]
    choices = [choice_of(heard, vague, key) for key in (taken, *others)]
    return [
        _with(best, tree, choice, best.score * weight / sum(weights))
        for tree, choice, weight in zip(trees, choices, weights, strict=True)
    ]


def _with(best: Reading, tree: exp.Expr, choice: Choice, score: float) -> Reading:
    explanation = best.explanation if tree is best.tree else f"the same with {choice.meaning}"
    return replace(best, tree=tree, score=score, choices=(choice,), explanation=explanation, is_shared=True)


def _uses(tree: exp.Expr, key: ColumnKey) -> bool:
    return any(_is(column, key) for column in tree.find_all(exp.Column))


def _is(column: exp.Column, key: ColumnKey) -> bool:
    table = key[0].rpartition(".")[2]
    return column.name == key[1] and column.table in ("", table)


def _swapped(tree: exp.Expr, taken: ColumnKey, other: ColumnKey, writer: SqlWriter) -> exp.Expr:
    """The tree with one column in the other's place wherever it stands."""
    identifier = next(writer.write(listed((other,), (other[0],), ())).find_all(exp.Column)).this
    copy = tree.copy()
    for column in copy.find_all(exp.Column):
        if _is(column, taken):
            column.set("this", identifier.copy())
    return copy
