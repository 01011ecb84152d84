"""Reckoning with two columns of a row: "quantity times unit price", "the margin", "days between"."""

from itertools import pairwise

from apps.knowledge.catalog import Kind
from apps.queries.engines.builtin.plan import Aggregate, ColumnKey

from .draft import Draft, Named, Role, spelled
from .frame import Sign, Term
from .mentions import Mention
from .overlays import NOTHING_OVER, Over
from .roles import role_of

_BETWEEN: dict[tuple[str, ...], Sign] = {
    ("times",): Sign.TIMES,
    ("multiplied", "by"): Sign.TIMES,
    ("x",): Sign.TIMES,
    ("plus",): Sign.PLUS,
    ("minus",): Sign.MINUS,
    ("less",): Sign.MINUS,
    ("divided", "by"): Sign.OVER,
    ("per",): Sign.OVER,
}
_LEADING: dict[str, Sign] = {
    "total": Sign.PLUS,
    "sum": Sign.PLUS,
    "product": Sign.TIMES,
    "difference": Sign.MINUS,
    "ratio": Sign.OVER,
}
_MARGINS = frozenset(("margin", "margins", "markup", "profit"))
_INCOME, _COSTS = ("price", "revenue", "amount", "sales"), ("cost", "costs", "expense", "expenses")
_SKIPPED = frozenset(("the", "a", "an", "its", "their", "of"))


def reckon(draft: Draft) -> None:
    """Put one name in place of two that are reckoned with each other, and of words that mean such a reckoning."""
    _margins(draft)
    for left, right in pairwise(list(draft.named)):
        if left.term is None and right.term is None and (found := _sign_between(draft, left, right)):
            _merge(draft, left, right, *found)
    _days(draft)


def _sign_between(draft: Draft, left: Named, right: Named) -> tuple[Sign, int] | None:
    """What is to be done with two columns, and where its words begin."""
    words = draft.words
    if not left.mention.columns or not right.mention.columns:
        return None
    between = tuple(
        words.lower(place)
        for place in range(left.mention.end, right.mention.start)
        if words.lower(place) not in _SKIPPED
    )
    if between == ("to",) and draft.over.kind is Over.RATIO and _shared(draft, left.mention, right.mention):
        draft.over = NOTHING_OVER
        return Sign.OVER, left.mention.start
    if between in _BETWEEN and _shared(draft, left.mention, right.mention):
        return _BETWEEN[between], left.mention.start
    place = left.mention.start - 1
    while words.lower(place) in _SKIPPED or words.lower(place) == "between":
        place -= 1
    if between == ("and",) and words.lower(place) in _LEADING and words.lower(place + 1) in ("of", "between"):
        return _LEADING[words.lower(place)], place
    return None


def _shared(draft: Draft, left: Mention, right: Mention) -> tuple[ColumnKey, ColumnKey] | None:
    """The numbers of one table that both names mean."""
    pairs = [
        (one, other)
        for one in left.columns
        for other in right.columns
        if one[0] == other[0] and one != other and _is_number(draft, one) and _is_number(draft, other)
    ]
    return pairs[0] if len(pairs) == 1 else None


def _is_number(draft: Draft, key: ColumnKey) -> bool:
    return draft.catalog.columns[key].kind is Kind.NUMBER


def _merge(draft: Draft, left: Named, right: Named, sign: Sign, start: int) -> None:
    pair = _shared(draft, left.mention, right.mention)
    if pair is None:
        return
    draft.words.take(start, right.mention.end)
    mention = Mention(start, right.mention.end, columns=(pair[0],))
    given = left.role if left.role is not Role.COUNTED else Role.PLAIN
    merged = Named(mention, given, aggregate=left.aggregate, descending=left.descending)
    if start < left.mention.start:  # "the average difference between": the word before it tells what is wanted of it
        merged = role_of(mention, draft.words)
        merged.aggregate = merged.aggregate if merged.role is Role.AGGREGATED else None
    merged.term = Term(pair[0], sign=sign, other=pair[1])
    draft.named = sorted(
        [one for one in draft.named if one not in (left, right)] + [merged], key=lambda one: one.mention.start
    )


def _margins(draft: Draft) -> None:
    """ "margin" is price less cost, where one table has one of each."""
    for place in range(len(draft.words)):
        if draft.words.lower(place) not in _MARGINS or not draft.words.is_free(place):
            continue
        pairs = [pair for table in draft.catalog.tables if (pair := _income_and_cost(draft, table))]
        if len(pairs) != 1:
            continue
        (income, cost), word = pairs[0], draft.words.lower(place)
        draft.words.take(place, place + 1)
        named = role_of(Mention(place, place + 1, columns=(income,)), draft.words)
        named.term = Term(income, sign=Sign.MINUS, other=cost)
        draft.assumptions.append(f"“{word}” is taken as {spelled(income)} less {spelled(cost)}.")
        draft.named = sorted([*draft.named, named], key=lambda one: one.mention.start)


def _income_and_cost(draft: Draft, table: str) -> tuple[ColumnKey, ColumnKey] | None:
    numbers = [column for column in draft.catalog.tables[table].columns if column.kind is Kind.NUMBER]
    incomes = [column.key for column in numbers if set(_INCOME) & set(column.words)]
    costs = [column.key for column in numbers if set(_COSTS) & set(column.words)]
    return (incomes[0], costs[0]) if len(incomes) == 1 and len(costs) == 1 else None


def _days(draft: Draft) -> None:
    """ "the average number of days between shipped date and delivered date"."""
    words = draft.words
    place = next((at for at in range(len(words)) if words.lower(at) == "days" and words.is_free(at)), None)
    joined = words.lower(place + 1) if place is not None else ""
    if place is None or joined not in ("between", "from"):
        return
    dates = [one for one in draft.named if one.mention.start > place and _dates_of(draft, one)]
    pair = next(((a, b) for a, b in pairwise(dates) if _is_joined(draft, a, b)), None)
    if pair is None:
        return
    tables = {key[0] for key in _dates_of(draft, pair[0])} & {key[0] for key in _dates_of(draft, pair[1])}
    if len(tables) != 1:
        return
    table = tables.pop()
    earlier, later = ([key for key in _dates_of(draft, one) if key[0] == table] for one in pair)
    if len(earlier) != 1 or len(later) != 1:
        return
    mean = next((at for at in range(place) if words.lower(at) in ("average", "mean")), None)
    start = mean if mean is not None else place
    words.take(start, pair[1].mention.end)
    merged = Named(Mention(start, pair[1].mention.end, columns=(later[0],)), Role.AGGREGATED if mean else Role.PLAIN)
    merged.aggregate = Aggregate.AVG if mean is not None else None
    merged.role = Role.AGGREGATED if mean is not None else Role.PLAIN
    merged.term = Term(later[0], sign=Sign.DAYS, other=earlier[0])
    draft.named = sorted([one for one in draft.named if one not in pair] + [merged], key=lambda one: one.mention.start)


def _dates_of(draft: Draft, named: Named) -> list[ColumnKey]:
    return [key for key in named.mention.columns if draft.catalog.columns[key].kind is Kind.DATE]


def _is_joined(draft: Draft, left: Named, right: Named) -> bool:
    between = [draft.words.lower(place) for place in range(left.mention.end, right.mention.start)]
    return [one for one in between if one not in _SKIPPED] in (["and"], ["to"], ["until"])
