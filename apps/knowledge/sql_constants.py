"""The constants of a statement, each with the words that would name it in a question and how it may be exchanged.

No Django here.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp

from apps.datasources.schema import Schema

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
YEAR = re.compile(r"(?:19|20|21)\d{2}")
BEGINNING = re.compile(r"((?:19|20|21)\d{2})-01-01(?:[ T]00:00:00(?:\.0+)?)?")
LAST_DAY = re.compile(r"((?:19|20|21)\d{2})-12-31")
FORMAT = re.compile(r"(?:%-?[A-Za-z][^\w%]*)+|year|quarter|month|week|day|hour", re.IGNORECASE)
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
HARMLESS_NUMBERS = frozenset(("0", "1", "100"))


class ConstantKind(StrEnum):
    """What may stand in a constant's place."""

    YEAR = "year"
    DATE = "date"
    NUMBER = "number"
    VALUE = "value"
    FIXED = "fixed"  # nothing else


@dataclass(frozen=True)
class Constant:
    """One place of a statement that holds a constant: a literal, or the two ends of a whole year.

    `said` is how a question says it; `column` (table's full name and column) is known of a value only. `is_telling`
    says that it may depend on what a question says, even where it says other words.
    """

    kind: ConstantKind
    said: str
    literals: tuple[exp.Literal, ...]
    column: tuple[str, str] | None = None
    is_telling: bool = True

    def put(self, text: str) -> None:
        """Write another constant into the tree, as the question that says `text` means it."""
        for literal in self.literals:
            if len(self.literals) == 1:
                literal.set("this", text)
            else:
                years = int(literal.this[:4]) - int(self.said)
                literal.set("this", f"{int(text) + years:04d}{literal.this[4:]}")


def constants_of(tree: exp.Expr, schema: Schema) -> list[Constant]:
    """Every constant of the statement; the tree may be written into through them."""
    spans = list(_year_spans(tree))
    in_spans = {id(literal) for span in spans for literal in span.literals}
    column_of = _columns_by_name(tree, schema)
    singles = [_constant(one, column_of) for one in tree.find_all(exp.Literal) if id(one) not in in_spans]
    return [*spans, *singles]


def _constant(literal: exp.Literal, column_of: Callable[[exp.Column], tuple[str, str] | None]) -> Constant:
    text, place = str(literal.this), _compared(literal)
    if isinstance(literal.parent, exp.Limit | exp.Offset | exp.Fetch):
        return Constant(ConstantKind.NUMBER, text, (literal,), is_telling=False)
    if not literal.is_string:
        kind = (
            ConstantKind.FIXED if place is None else ConstantKind.YEAR if YEAR.fullmatch(text) else ConstantKind.NUMBER
        )
        return Constant(kind, text, (literal,), is_telling=text not in HARMLESS_NUMBERS)
    if place is None:
        is_format = isinstance(literal.parent, exp.Func) and FORMAT.fullmatch(text) is not None
        return Constant(ConstantKind.FIXED, text, (literal,), is_telling=not is_format)
    if DATE.fullmatch(text):
        return Constant(ConstantKind.DATE, text, (literal,))
    if YEAR.fullmatch(text):
        return Constant(ConstantKind.YEAR, text, (literal,))
    column = column_of(place) if isinstance(place, exp.Column) else None
    return Constant(ConstantKind.VALUE if column else ConstantKind.FIXED, text, (literal,), column)


def _compared(literal: exp.Expr) -> exp.Expr | None:
    """What the literal is compared with, bare or cast; None where it stands elsewhere."""
    node: exp.Expr = literal
    while isinstance(node.parent, exp.Cast | exp.TsOrDsToDate | exp.Paren | exp.Date):
        node = node.parent
    parent = node.parent
    if isinstance(parent, COMPARISONS):
        return parent.right if parent.left is node else parent.left
    if isinstance(parent, exp.In | exp.Between) and parent.this is not node:
        return parent.this if isinstance(parent.this, exp.Expr) else None
    return None


def _year_spans(tree: exp.Expr) -> Iterator[Constant]:
    """Pairs of bounds of one column, in one condition, that hold exactly one year between them."""
    bounds: dict[tuple[int, str], list[tuple[str, int, exp.Literal]]] = defaultdict(list)
    for literal in tree.find_all(exp.Literal):
        column = _compared(literal)
        if literal.is_string and isinstance(column, exp.Column) and (bound := _bound(literal)):
            clause = literal.find_ancestor(exp.Where, exp.Having, exp.Join, exp.If, exp.Filter, exp.Or)
            bounds[(id(clause), column.sql())].append((*bound, literal))
    for found in bounds.values():
        if len(found) == 2:
            (first, year, low), (second, last, high) = sorted(found, key=lambda one: one[0] != "from")
            if (first, second) == ("from", "to") and year == last:
                yield Constant(ConstantKind.YEAR, str(year), (low, high))


def _bound(literal: exp.Literal) -> tuple[str, int] | None:
    """Which end of which year this bound of a column is, its last day included."""
    begins, ends = BEGINNING.fullmatch(literal.this), LAST_DAY.fullmatch(literal.this)
    comparison = literal.find_ancestor(*COMPARISONS, exp.Between)
    if isinstance(comparison, exp.Between):
        if _holds(comparison.args["low"], literal):
            return ("from", int(begins[1])) if begins else None
        return ("to", int(ends[1])) if ends else None
    if comparison is None or not _holds(comparison.args["expression"], literal):
        return None
    if isinstance(comparison, exp.GTE) and begins:
        return "from", int(begins[1])
    if isinstance(comparison, exp.LT) and begins:
        return "to", int(begins[1]) - 1
    return ("to", int(ends[1])) if isinstance(comparison, exp.LTE) and ends else None


def _holds(tree: exp.Expr, literal: exp.Literal) -> bool:
    return any(one is literal for one in tree.find_all(exp.Literal))


def _columns_by_name(tree: exp.Expr, schema: Schema) -> Callable[[exp.Column], tuple[str, str] | None]:
    """Tells of a column which one of the schema it is, where only one can be meant."""
    known: Mapping[str, set[str]] = defaultdict(set)
    tables = {}
    for node in tree.find_all(exp.Table):
        table = schema.table(node.name, node.db or None)
        if table is not None:
            known[node.alias_or_name].add(table.full_name)
            tables[table.full_name] = table

    def column_of(column: exp.Column) -> tuple[str, str] | None:
        names = known.get(column.table, set()) if column.table else set(tables)
        found = {(name, here.name) for name in names if (here := tables[name].column(column.name))}
        return found.pop() if len(found) == 1 else None

    return column_of
