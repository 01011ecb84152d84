"""A question as units: each name or constant is one mark, other words stay. What classifiers look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.common.identity import kept_by_identity

from .analysis import COVER_QUALITY, Analysis
from .spans import SpanKind

_MARKERS = {
    **dict.fromkeys(
        ("order", "ordered", "sort", "sorted", "alphabetical", "alphabetically", "descending", "ascending"), "order"
    ),
    **dict.fromkeys(("each", "per", "every"), "each"),
    **dict.fromkeys(("whose", "who", "that", "which", "where", "with", "have", "has", "having"), "whose"),
    **dict.fromkeys(("than", "above", "below", "over", "under", "exceed", "least"), "than"),
    **dict.fromkeys(("for", "of", "in", "from", "by", "and", "not", "without", "both"), ""),
}
_JOINERS = frozenset((",", "and", "&", "also", "well", "as", "along", "together"))
_FILLERS = frozenset(("the", "a", "an", "its", "their", "his", "her", "all", "respective", "corresponding", "with"))
_MARKS = {SpanKind.TEXT: "VAL", SpanKind.NUMBER: "NUM", SpanKind.RANGE: "NUM", SpanKind.DATE: "NUM"}
START, END = "<s>", "</s>"


@dataclass(frozen=True, slots=True)
class Unit:
    """`mark` is COL:x, TAB, VAL or NUM for a name or constant, else the word's lemma."""

    mark: str
    start: int
    end: int


@dataclass(frozen=True)
class Units:
    """The units of a question, with the unit that each token belongs to."""

    units: tuple[Unit, ...]
    of_token: tuple[int, ...]

    def mark(self, index: int) -> str:
        """The mark at a place, also before the start and past the end."""
        if index < 0:
            return START
        return self.units[index].mark if index < len(self.units) else END

    def marker_before(self, index: int) -> str:
        """The clause that a place stands in: the last order, each, whose or than before it, or the first
        preposition."""
        near = ""
        for place in range(index - 1, -1, -1):
            mark = self.units[place].mark
            if mark in _MARKERS:
                if _MARKERS[mark]:
                    return _MARKERS[mark] + near
                near = near or f"+{mark}"
        return near

    def last_mark_before(self, index: int, kinds: tuple[str, ...]) -> str:
        """The nearest name or constant before a place, with the words between if they are few."""
        for place in range(index - 1, -1, -1):
            if self.units[place].mark.startswith(kinds):
                between = " ".join(unit.mark for unit in self.units[place + 1 : index])
                return f"{self.units[place].mark[:3]} {between if index - place <= 3 else '...'}"
        return START

    def list_head(self, index: int) -> int:
        """The first member of the list that a place stands in: in "the name, the age and CITY of" it is "name"."""
        head = index
        while True:
            before = head - 1
            while before >= 0 and self.units[before].mark in _FILLERS:
                before -= 1
            if before < 0 or self.units[before].mark not in _JOINERS:
                return head
            while before >= 0 and self.units[before].mark in _JOINERS | _FILLERS:
                before -= 1
            if before < 0 or not self.units[before].mark.startswith(("COL", "TAB")):
                return head
            head = before

    def list_end(self, index: int) -> int:
        """How many names are joined to a place by commas and "and" after it, at most three."""
        count, place = 0, index + 1
        while count < 3:
            joiners = 0
            while place < len(self.units) and self.units[place].mark in _JOINERS | _FILLERS:
                joiners += self.units[place].mark in _JOINERS
                place += 1
            if not joiners or place >= len(self.units) or not self.units[place].mark.startswith(("COL", "TAB")):
                break
            count += 1
            place += 1
        return count

    def marks(self) -> list[str]:
        return [unit.mark for unit in self.units]


@kept_by_identity(maxsize=8)
def units_of(analysis: Analysis) -> Units:
    """Cover the question by its best links and constants, without overlap."""
    owner: list[Unit | None] = [None] * len(analysis.tokens)
    for unit in _candidates(analysis):
        if not any(owner[unit.start : unit.end]):
            owner[unit.start : unit.end] = [unit] * (unit.end - unit.start)
    return _in_order(owner, analysis)


def _candidates(analysis: Analysis) -> list[Unit]:
    """Constants that stand out first, then names, longest and surest first."""
    units = []
    for span in analysis.spans:
        if span.kind is SpanKind.FLAG:
            continue
        if span.quoted or span.kind is not SpanKind.TEXT or analysis.best_quality[span.start] < COVER_QUALITY:
            units.append(Unit(_MARKS[span.kind], span.start, span.end))
    ranked = sorted(
        analysis.links, key=lambda one: (-one.quality * (one.end - one.start), one.column is not None, one.start)
    )
    for one in ranked:
        if one.quality >= COVER_QUALITY:
            entry = analysis.catalog.columns.get((one.table, one.column)) if one.column else None
            units.append(Unit(f"COL:{entry.kind[0]}" if entry else "TAB", one.start, one.end))
    return units


def _in_order(owner: Sequence[Unit | None], analysis: Analysis) -> Units:
    units: list[Unit] = []
    of_token: list[int] = []
    for index, token in enumerate(analysis.tokens):
        unit = owner[index] or Unit(token.lemma, index, index + 1)
        if not units or units[-1] is not unit:
            units.append(unit)
        of_token.append(len(units) - 1)
    return Units(tuple(units), tuple(of_token))
