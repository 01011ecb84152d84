"""Picks the first or last of the last answer's rows ("which one is the largest?", "who is the oldest of them?")."""

import re
from collections.abc import Mapping

from sqlglot import exp

from apps.knowledge.catalog import Catalog, ColumnEntry, Kind
from apps.queries.engines.builtin.plan import ColumnKey

from .sources import Sources, Subject, is_aggregated

_AGE, _HIGH = ("age",), ("height", "elevation")
_LONG = ("length", "duration", "distance")
_LARGE = ("size", "area", "capacity", "population", "volume")
_PRICE = ("price", "cost", "fee", "fare")
_ADJECTIVES: Mapping[str, tuple[tuple[str, ...], bool]] = {
    "old": (_AGE, True), "young": (_AGE, False), "tall": (_HIGH, True), "high": (_HIGH, True), "long": (_LONG, True),
    "short": ((*_HIGH, *_LONG), False), "large": (_LARGE, True), "big": (_LARGE, True), "small": (_LARGE, False),
    "heavy": (("weight",), True), "light": (("weight",), False), "fast": (("speed",), True),
    "slow": (("speed",), False), "cheap": (_PRICE, False), "expensive": (_PRICE, True), "wide": (("width",), True),
    "deep": (("depth",), True), "low": ((), False), "great": ((), True), "most": ((), True), "least": ((), False),
    "few": ((), False),
}  # fmt: skip
_BIRTH = frozenset(("birth", "born", "birthday", "dob"))
_OF = "(?: (?:of|among) (?:them|those|these|all))?"
_WHICH = re.compile(
    rf"(?:and |so |ok |now )*(?:which|what|who)(?: ones?)?{_OF}(?: (?:is|are|was|were|has|have|had))"
    rf"(?: the)? (?P<how>most \w+|least \w+|\w+est|most|least|best|worst)(?: ones?)?{_OF}"
)
_FROM_TO = re.compile(
    r"(?:sort(?:ed)? |order(?:ed)? |list |and )?(?:them |it )?from (?P<how>most \w+|\w+est|most) to \w+(?: \w+)?"
    r"(?: please)?"
)
_THAN = re.compile(r"\b(?:(?:is|are|was|were) )?(?P<how>\w+er|more \w+|less \w+) than (?=\d)", re.IGNORECASE)


def extreme_of(
    said: str, select: exp.Select, subject: Subject, catalog: Catalog, by: ColumnKey | None = None
) -> exp.Select | None:
    """The one row of an answer that is the most or least of something; None where the words ask for something else.

    `by` is the column that the words name after a "by".
    """
    found = _WHICH.fullmatch(said.partition(" by ")[0] if by else said)
    ranked = _ranked(found["how"], select, subject, catalog, by) if found else None
    return ranked.limit(1) if ranked is not None else None


def from_to(said: str, select: exp.Select, subject: Subject, catalog: Catalog) -> exp.Select | None:
    """ "From tallest to shortest": all rows in that order."""
    found = _FROM_TO.fullmatch(said)
    return _ranked(found["how"], select, subject, catalog) if found else None


def _ranked(
    how: str, select: exp.Select, subject: Subject, catalog: Catalog, by: ColumnKey | None = None
) -> exp.Select | None:
    word, descending = _adjective(how)
    if word is None:
        return None
    wanted, upwards = _ADJECTIVES[word]
    key, turned = _key(wanted, select, subject, catalog, is_age=wanted == _AGE)
    if by and not is_aggregated(select):
        key, turned = Sources(select, catalog).column(by), False
    if key is None or (select.args.get("limit") is not None and select.args.get("group") is None):
        return None
    order = exp.Ordered(this=key, desc=(upwards == descending) != turned, nulls_first=False)
    ranked = select.copy()
    ranked.set("order", exp.Order(expressions=[order]))
    return ranked


def _adjective(how: str) -> tuple[str | None, bool]:
    """The plain adjective of a superlative, and whether it wants the far end ("least expensive" does not)."""
    first, _, second = how.partition(" ")
    if second:
        return (second if second in _ADJECTIVES else "most", first == "most")
    special = {"best": "most", "worst": "least"}.get(first, first)
    for plain in (special, special[:-3], special[:-2], f"{special[:-4]}y", special[:-4]):
        if plain in _ADJECTIVES:
            return plain, True
    return None, True


def _key(
    wanted: tuple[str, ...], select: exp.Select, subject: Subject, catalog: Catalog, *, is_age: bool
) -> tuple[exp.Expr | None, bool]:
    """What to rank by (the measure, a column so called, the only number), and whether little means much (births)."""
    measure = next((one.unalias() for one in select.expressions if one.find(exp.AggFunc)), None)
    if select.args.get("group"):
        return (measure.copy() if measure is not None else None), False
    sources, columns = Sources(select, catalog), catalog.tables[subject.table].columns
    if measure is not None:
        return None, False
    if named := named_column(columns, wanted):
        return sources.column(named), False
    births = [one.key for one in columns if one.kind is Kind.DATE and _BIRTH & set(one.words)]
    if is_age and len(births) == 1:
        return sources.column(births[0]), True
    shown = [sources.key_of(one.unalias()) for one in select.expressions if isinstance(one.unalias(), exp.Column)]
    entries = [catalog.columns[key] for key in shown if key]
    numbers = [one.key for one in entries if one.kind is Kind.NUMBER and not one.is_id]
    return (sources.column(numbers[0]) if len(numbers) == 1 else None), False


def named_column(columns: tuple[ColumnEntry, ...], wanted: tuple[str, ...]) -> ColumnKey | None:
    """The number that an adjective speaks of, by the likeliest of its names; None where several are called so."""
    for word in wanted:
        kinds = (Kind.NUMBER, Kind.TEXT)
        found = [one.key for one in columns if word in one.words and one.kind in kinds and not one.is_id]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def with_columns_compared(question: str, table: str, catalog: Catalog) -> str:
    """ "older than 30" as "with an age above 30", where the rows have such a column."""

    def spelled(found: re.Match[str]) -> str:
        how = found["how"].lower()
        first, _, second = how.partition(" ")
        stems = (how[:-2], f"{how[:-3]}y", how[:-1], how[:-3])
        plain = second or next((one for one in stems if one in _ADJECTIVES), "")
        wanted, upwards = _ADJECTIVES.get(plain, ((), True))
        key = named_column(catalog.tables[table].columns, wanted)
        if key is None:
            return found.group()
        more = upwards != (first == "less")
        return f"with {' '.join(catalog.columns[key].words)} {'above' if more else 'below'} "

    return _THAN.sub(spelled, question)
