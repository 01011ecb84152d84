"""A question on its way to a frame: what has been found, what has been decided, what is still open."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from apps.clarification.readings import Choice
from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.plan import Aggregate, ColumnKey, Operator

from .frame import Fact, Frame, Related, Term
from .mentions import Mention
from .overlays import NOTHING_OVER, Overlay
from .period_pairs import PeriodPair
from .selves import Holder
from .sorting import SortMark
from .times import Time
from .unit_marks import UnitMark
from .values_found import Said
from .words import Words


class Role(StrEnum):
    """What a name is there for."""

    LISTED = "listed"
    COUNTED = "counted"
    AGGREGATED = "aggregated"
    MOST = "most"
    EXTREME = "extreme"
    GROUP = "group"
    ABSENT = "absent"
    COMPARED = "compared"
    MEAN_COUNT = "mean count"
    SORT = "sort"
    PLAIN = "plain"


@dataclass(slots=True)
class Named:
    """A mention with its role; `number`, `operator`, `aggregate` and `descending` come from the words before it.

    `is_top` marks "top 3", `is_sum` a number that is added up before it ranks, `term` one reckoned with another column.
    `is_used` is set once the name has a place in the frame.
    """

    mention: Mention
    role: Role
    number: int | None = None
    operator: Operator | None = None
    aggregate: Aggregate | None = None
    descending: bool = True
    is_used: bool = False
    is_top: bool = False
    is_sum: bool = False
    term: Term | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One way to settle an open point; `chunk` are its words in the answer and where they stand."""

    choice: Choice
    facts: tuple[Fact, ...] = ()
    chunk: tuple[int, str] | None = None
    related: tuple[Related, ...] = ()


class NotUnderstood(Exception):
    """The grammar has no rule for this question."""


@dataclass
class Draft:
    """Everything known about one question. `chunks` are the answer's words with the place they stood at.
    `alternatives` are meanings that change the frame itself; this draft takes the one at `taken`."""

    catalog: Catalog
    words: Words
    today: dt.date
    times: Sequence[Time] = ()
    unit: UnitMark | None = None
    values: Sequence[Said] = ()
    sort: SortMark | None = None
    over: Overlay = NOTHING_OVER
    pair: PeriodPair | None = None
    named: list[Named] = field(default_factory=list)
    frame: Frame = field(default_factory=lambda: Frame(""))
    facts: list[Fact] = field(default_factory=list)
    related: list[tuple[int, Related]] = field(default_factory=list)
    forks: list[list[Option]] = field(default_factory=list)
    chunks: list[tuple[int, str]] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    places: list[tuple[int, Fact]] = field(default_factory=list)
    noun: str = ""
    rule: str = ""
    holder: Holder | None = None
    is_median: bool = False
    alternatives: list[Choice] = field(default_factory=list)
    taken: int = 0

    def one(self, role: Role) -> Named | None:
        """The first name in that role."""
        return next((named for named in self.named if named.role is role), None)

    def all(self, role: Role) -> list[Named]:
        return [named for named in self.named if named.role is role]

    def add_facts(self, place: int, facts: Sequence[Fact], table: str) -> None:
        """Conditions said at a place: on the related rows named before it if they are about those, else on the base."""
        self.places.extend((place, fact) for fact in facts)
        for index in range(len(self.related) - 1, -1, -1):
            start, related = self.related[index]
            if start < place and related.table == table:
                self.related[index] = (
                    start,
                    Related(related.table, (*related.facts, *facts), related.negated, related.operator, related.number),
                )
                return
        self.facts.extend(facts)

    def unused(self) -> list[Named]:
        """Names that have no place in the frame and do not only repeat what it is about."""
        about = {self.frame.base, *(related.table for _, related in self.related)}
        about |= {group.term.key[0] for group in self.frame.groups}
        return [named for named in self.named if not named.is_used and not set(named.mention.tables) & about]

    def says(self, place: int, text: str) -> None:
        self.chunks.append((place, text))


def spelled(key: ColumnKey) -> str:
    """A column as people who know the database write it, without the namespace."""
    return f"{key[0].rpartition('.')[2]}.{key[1]}"


def key_words(catalog: Catalog, key: ColumnKey) -> str:
    """A column's name as people say it."""
    return " ".join(catalog.columns[key].words)
