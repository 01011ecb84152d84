"""The same question with other constants: whether a verified query's SQL answers it once they are exchanged.

A constant may be exchanged only where the question says it once and the SQL holds it once, and where the SQL holds no
other constant that might depend on it. Whatever is in doubt is no match. No Django here.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from apps.datasources.schema import Schema

from .sql_constants import DATE, YEAR, Constant, ConstantKind, constants_of
from .values import ValueIndex, value_key

TOKEN = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)|\d+(?:\.\d+)?|[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|[^\w\s]"
)
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
LONGEST_VALUE = 6  # tokens of a value that is said
MOST_SLOTS, MOST_TOKENS = 4, 60
SAME_VALUE = 0.97  # a match of the same words, whatever their case


@dataclass(frozen=True)
class Exchanged:
    """SQL that answers the question, with what was put in place of what: (before, now)."""

    tree: exp.Expr
    swaps: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Slot:
    constant: Constant
    said: str


def same_with_other_constants(
    question: str, verified_question: str, tree: exp.Expr, schema: Schema, values: ValueIndex
) -> Exchanged | None:
    """The SQL of a verified question with the constants of this one; None where the two ask different things, or it is
    not plain which constant is meant where.
    """
    asked, known = _tokens(question), _tokens(verified_question)
    if max(len(asked), len(known)) > MOST_TOKENS:
        return None
    written = tree.copy()
    headings = [value_key(one.alias.replace("_", " ")) for one in written.find_all(exp.Alias)]
    pattern = _pattern(known, constants_of(written, schema), headings)
    readings = (_checked(pattern, fillers, values) for fillers in _matches(pattern, asked))
    fitting = [one for one in readings if one is not None]
    if len(fitting) != 1:
        return None
    swaps = []
    for slot, (said, text) in zip(_slots(pattern), fitting[0], strict=True):
        if value_key(said) != value_key(slot.said):
            slot.constant.put(text)
            swaps.append((slot.said, text))
    return Exchanged(written, tuple(swaps))


def _tokens(text: str) -> list[str]:
    tokens = [THOUSANDS.sub("", one) for one in TOKEN.findall(text)]
    while tokens and tokens[-1] in ("?", "!", "."):
        tokens.pop()
    return tokens


def _pattern(known: Sequence[str], constants: Sequence[Constant], headings: Sequence[str]) -> list[str | _Slot]:
    """The verified question's tokens, with slots for what may be exchanged; nothing that a heading says may."""
    places = [(constant, _places(constant.said, known)) for constant in constants]
    unsaid = [constant for constant, found in places if not found and constant.is_telling]
    if any(one.isdigit() for constant in unsaid for one in constant.said):
        return list(known)
    pattern: list[str | _Slot] = list(known)
    taken: set[int] = set()
    for constant, found in sorted(places, key=lambda one: one[1][:1], reverse=True):
        is_only = sum(value_key(other.said) == value_key(constant.said) for other in constants) == 1
        is_heading = any(value_key(constant.said) in heading for heading in headings)
        if len(found) != 1 or not is_only or is_heading or constant.kind is ConstantKind.FIXED:
            continue
        if constant.kind is ConstantKind.VALUE and unsaid:
            continue
        start = found[0]
        span = range(start, start + len(_tokens(constant.said)))
        if taken & set(span):
            return list(known)
        taken |= set(span)
        pattern[span.start : span.stop] = [_Slot(constant, " ".join(known[span.start : span.stop]))]
    return pattern if len(_slots(pattern)) <= MOST_SLOTS else list(known)


def _places(said: str, tokens: Sequence[str]) -> list[int]:
    """Where the tokens say it."""
    wanted = [one.casefold() for one in _tokens(said)]
    folded = [one.casefold() for one in tokens]
    return [
        start
        for start in range(len(tokens) - len(wanted) + 1)
        if wanted and folded[start : start + len(wanted)] == wanted
    ]


def _slots(pattern: Sequence[str | _Slot]) -> list[_Slot]:
    return [one for one in pattern if isinstance(one, _Slot)]


def _matches(pattern: Sequence[str | _Slot], tokens: Sequence[str]) -> Iterator[list[str]]:
    """Every way to read the tokens by the pattern: what stands in each slot."""
    if not pattern:
        if not tokens:
            yield []
        return
    first, rest = pattern[0], pattern[1:]
    if isinstance(first, str):
        if tokens and tokens[0].casefold() == first.casefold():
            yield from _matches(rest, tokens[1:])
        return
    longest = LONGEST_VALUE if first.constant.kind is ConstantKind.VALUE else 1
    for length in range(1, min(longest, len(tokens)) + 1):
        for others in _matches(rest, tokens[length:]):
            yield [" ".join(tokens[:length]), *others]


def _checked(
    pattern: Sequence[str | _Slot], fillers: Sequence[str], values: ValueIndex
) -> list[tuple[str, str]] | None:
    """For each slot what is said and the constant that it means; None where one does not fit its place."""
    found = []
    for slot, said in zip(_slots(pattern), fillers, strict=True):
        text = said if value_key(said) == value_key(slot.said) else _constant_for(slot.constant, said, values)
        if text is None:
            return None
        found.append((said, text))
    return found


def _constant_for(constant: Constant, said: str, values: ValueIndex) -> str | None:
    if constant.kind is ConstantKind.YEAR:
        return said if YEAR.fullmatch(said) else None
    if constant.kind is ConstantKind.DATE:
        return said if DATE.fullmatch(said) and _is_day(said) else None
    if constant.kind is ConstantKind.NUMBER:
        is_alike = said.isascii() and said.replace(".", "", 1).isdigit() and ("." in said) == ("." in constant.said)
        return said if is_alike else None
    meant = {
        match.value
        for match in values.find(said, exact=True)
        if (match.table, match.column) == constant.column and match.score >= SAME_VALUE
    }
    return meant.pop() if len(meant) == 1 else None


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
