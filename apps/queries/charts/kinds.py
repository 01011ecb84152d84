"""The kinds of charts. docs/charts.md says when each is drawn."""

import re
from enum import StrEnum


class ChartKind(StrEnum):
    """How a result can be shown; TABLE means that no chart is drawn."""

    BAR = "bar"
    GROUPED_BAR = "grouped_bar"
    STACKED_BAR = "stacked_bar"
    LINE = "line"
    AREA = "area"
    SCATTER = "scatter"
    PIE = "pie"
    HISTOGRAM = "histogram"
    NUMBER = "number"
    TABLE = "table"

    @property
    def words(self) -> str:
        """The kind inside a sentence: "a stacked bar chart"."""
        return _WORDS[self]


_WORDS = {
    ChartKind.BAR: "a bar chart",
    ChartKind.GROUPED_BAR: "a grouped bar chart",
    ChartKind.STACKED_BAR: "a stacked bar chart",
    ChartKind.LINE: "a line chart",
    ChartKind.AREA: "an area chart",
    ChartKind.SCATTER: "a scatter plot",
    ChartKind.PIE: "a pie chart",
    ChartKind.HISTOGRAM: "a histogram",
    ChartKind.NUMBER: "a single number",
    ChartKind.TABLE: "a table",
}

# The first name that stands in the words wins: "stacked bar" before "bar".
_NAMES = (
    ("stacked area", ChartKind.AREA),
    ("stacked", ChartKind.STACKED_BAR),
    ("grouped", ChartKind.GROUPED_BAR),
    ("clustered", ChartKind.GROUPED_BAR),
    ("histogram", ChartKind.HISTOGRAM),
    ("scatter", ChartKind.SCATTER),
    ("point", ChartKind.SCATTER),
    ("donut", ChartKind.PIE),
    ("doughnut", ChartKind.PIE),
    ("pie", ChartKind.PIE),
    ("area", ChartKind.AREA),
    ("line", ChartKind.LINE),
    ("column", ChartKind.BAR),
    ("bar", ChartKind.BAR),
    ("number", ChartKind.NUMBER),
    ("kpi", ChartKind.NUMBER),
    ("table", ChartKind.TABLE),
    ("none", ChartKind.TABLE),
)


def kind_named(words: str) -> ChartKind | None:
    """The kind that these words name ("Horizontal bar chart", "stacked_bar", "donut"), if any."""
    plain = re.sub(r"[^a-z]+", " ", words.lower())
    return next((kind for name, kind in _NAMES if re.search(rf"\b{name}s?\b", plain)), None)
