"""What a chart can be made from, and what goes where on it."""

from dataclasses import dataclass, field

from apps.queries.charts.columns import ChartColumn, Role
from apps.queries.charts.kinds import ChartKind
from apps.queries.charts.wishes import Wish


class Unfit(Exception):
    """This kind would not show the result honestly, or not readably; the message says why."""


@dataclass(frozen=True)
class Material:
    """What a chart can be made from. `x`, `y` and `series` are columns that somebody asked for."""

    columns: tuple[ChartColumn, ...]
    row_count: int
    truncated: bool
    wish: Wish
    x: ChartColumn | None = None
    y: ChartColumn | None = None
    series: ChartColumn | None = None
    is_ordered: bool | None = None
    named: tuple[ChartColumn, ...] = field(default=())

    def of(self, role: Role) -> list[ChartColumn]:
        """Columns of a role; those that hold one value only are left out where there are several rows."""
        found = [one for one in self.columns if one.role == role]
        if role == Role.MEASURE:
            return [one for one in found if any(number is not None for number in one.numbers)]
        return [one for one in found if one.distinct > 1] if self.row_count > 1 else found

    @property
    def measures(self) -> list[ChartColumn]:
        """The measures, the wanted one first, then those that the question names."""
        found = self.of(Role.MEASURE)
        named = [one for one in found if one in self.named]
        first = [self.y] if self.y is not None and self.y in found else []
        return list(dict.fromkeys([*first, *named, *found]))

    def category(self) -> ChartColumn:
        """The column whose values the bars or slices stand for. Raises Unfit."""
        if self.x is not None and self.x.role in (Role.LABEL, Role.TIME, Role.KEY) and self.x.distinct > 1:
            return self.x
        found = self.of(Role.LABEL) or self.of(Role.TIME) or self.of(Role.KEY)
        if not found:
            raise Unfit("no column names what the numbers belong to")
        return next((one for one in found if one is not self.series), found[0])

    def measure(self) -> ChartColumn:
        """The measure that is drawn. Raises Unfit."""
        if not self.measures:
            raise Unfit("no column holds numbers to draw")
        return self.measures[0]


@dataclass(frozen=True)
class Plan:
    """What goes where. `measures` are one, or several of one unit as series of their own."""

    kind: ChartKind
    measures: tuple[ChartColumn, ...]
    x: ChartColumn | None = None
    series: ChartColumn | None = None
    notes: tuple[str, ...] = ()
