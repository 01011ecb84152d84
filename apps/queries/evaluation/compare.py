"""Whether two results hold the same answer, compared by value, and if not, in what they differ. No Django here.

The rule is the field's execution match: rows as a multiset, columns in any order, row order where the known SQL orders.
Where it is vague it follows what SQL means: floats within rounding, rows that tie in any order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .columns import can_be_matched
from .values import Row, in_one_form

__all__ = ["Comparison", "Ranked", "Row", "compare", "compare_ranked", "matches_as_published"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`reason` is empty where the results agree, else: empty, columns missing, columns extra, rows missing, rows
    extra, values, order.

    `by_ties` says that they agree only because the known SQL leaves open which of its rows come, or in which order.
    """

    same: bool
    reason: str = ""
    by_ties: bool = False


@dataclass(frozen=True)
class Ranked:
    """All rows that the known SQL chooses from, in its order, each with the values that it orders by.

    Its own result are the `count` rows from `offset` on; rows with equal `keys` might as well have come in each
    other's stead.
    """

    rows: Sequence[Row]
    keys: Sequence[Row]
    offset: int
    count: int | None


def compare(predicted: Sequence[Row], gold: Sequence[Row], *, ordered: bool) -> Comparison:
    """Compare two results as execution accuracy does; equal values are those of `values.in_one_form`."""
    if (reason := _different_shape(predicted, gold)) or not gold:
        return Comparison(not reason, reason)
    if list(predicted) == list(gold):
        return Comparison(True)
    left, right = in_one_form(predicted, gold)
    anywhere = [0] * len(right)
    if not ordered:
        return _verdict(can_be_matched(left, right, anywhere, anywhere), "values")
    own_place = range(len(right))
    if can_be_matched(left, right, own_place, own_place):
        return Comparison(True)
    return Comparison(False, "order" if can_be_matched(left, right, anywhere, anywhere) else "values")


def compare_ranked(predicted: Sequence[Row], ranked: Ranked) -> bool:
    """Whether `predicted` is one of the results that the known SQL may bring: ties in any order, and where a limit cuts
    through a tie, any of the rows that tie."""
    end = None if ranked.count is None else ranked.offset + ranked.count
    rows, everything, keys = in_one_form(predicted, ranked.rows, ranked.keys)
    groups = _groups(keys)
    places = groups[ranked.offset : end]
    if len(rows) != len(places) or (rows and len(rows[0]) != len(everything[0])):
        return False
    chosen = set(places)
    eligible = [(row, group) for row, group in zip(everything, groups, strict=True) if group in chosen]
    return can_be_matched(rows, [row for row, _ in eligible], places, [group for _, group in eligible])


def matches_as_published(predicted: Sequence[Row], gold: Sequence[Row], gold_sql: str) -> bool:
    """The execution match of Spider's test-suite evaluation (Zhong et al., EMNLP 2020; `result_eq` with
    `--keep_distinct`): values as Python compares them, and row order wherever the known SQL says ORDER BY at all."""
    if _different_shape(predicted, gold):
        return False
    is_ordered = "order by" in " ".join(gold_sql.lower().split())
    places = range(len(gold)) if is_ordered else [0] * len(gold)
    return can_be_matched(_hashable(predicted), _hashable(gold), places, places)


def _different_shape(predicted: Sequence[Row], gold: Sequence[Row]) -> str:
    """In what two results differ before any value is looked at. Empty results are the same whatever their columns."""
    if not predicted or not gold:
        return "" if len(predicted) == len(gold) else "rows extra" if predicted else "empty"
    width, wanted = len(predicted[0]), len(gold[0])
    if width != wanted:
        return "columns missing" if width < wanted else "columns extra"
    if len(predicted) != len(gold):
        return "rows missing" if len(predicted) < len(gold) else "rows extra"
    return ""


def _hashable(rows: Sequence[Row]) -> list[Row]:
    """Lists and objects, which some engines bring, by how Python writes them."""
    return [tuple(repr(one) if isinstance(one, list | dict) else one for one in row) for row in rows]


def _verdict(same: bool, reason: str) -> Comparison:
    return Comparison(same, "" if same else reason)


def _groups(keys: Sequence[Row]) -> list[int]:
    """A number for each run of equal keys."""
    groups: list[int] = []
    for position, key in enumerate(keys):
        begins = position == 0 or key != keys[position - 1]
        groups.append((groups[-1] if groups else -1) + begins)
    return groups
