"""What the words of a question say about its chart."""

import re
from dataclasses import dataclass
from enum import StrEnum

from apps.queries.charts.kinds import ChartKind, kind_named

# "bar", "line", "area" and "table" alone may be things that the data is about: bars, order lines, areas.
_KIND = r"(?:stacked |grouped |horizontal |vertical )*(?:pie|donut|doughnut|bar|column|line|area|scatter|number)"
_EXPLICIT = (
    re.compile(rf"\b({_KIND})[ -]?(?:chart|graph|plot|diagram)s?\b", re.IGNORECASE),
    re.compile(rf"\b(?:as|in|with) (?:an? )?({_KIND}|table|histogram)s?\s*(?:[.,;?!]|$)", re.IGNORECASE),
    re.compile(r"\b(histogram|scatter ?plot)s?\b", re.IGNORECASE),
)
_NO_CHART = re.compile(r"\b(?:no|without(?: an?| any)?) (?:chart|graph|diagram|plot)s?\b", re.IGNORECASE)


class Aim(StrEnum):
    """What a chart is to show."""

    SHARE = "share"
    DISTRIBUTION = "distribution"
    TREND = "trend"
    COMPARISON = "comparison"
    RELATION = "relation"
    TOTAL = "total"
    PART = "part"


_AIMS = {
    Aim.SHARE: r"shares?|proportions?|percentages?|percent|break ?down|broken down|make ?up|composition|mix|split",
    Aim.DISTRIBUTION: r"distribution|distributed|spread|frequency|frequencies|histogram",
    Aim.TREND: r"trends?|over time|develop\w*|evol\w+|grow\w*|history|per (?:day|week|month|quarter|year)|timeline",
    Aim.COMPARISON: r"compar\w+|versus|vs|against|difference|side by side",
    Aim.RELATION: r"relation\w*|correlat\w+|depends? on|versus|vs|against|scatter\w*",
    Aim.TOTAL: r"how many|how much|number of|count|totals?|sums?|overall|combined",
    Aim.PART: r"top|bottom|first|last|most|least|best|worst|highest|lowest|largest|smallest|biggest|limit",
}
_AIM_WORDS = {aim: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for aim, words in _AIMS.items()}


@dataclass(frozen=True)
class Wish:
    """The kind that somebody asked for by its name, if any, and what the chart is to show."""

    kind: ChartKind | None
    aims: frozenset[Aim]


def wish_of(question: str) -> Wish:
    """What the question asks for; nothing where it speaks of the data only."""
    aims = frozenset(aim for aim, words in _AIM_WORDS.items() if words.search(question))
    if _NO_CHART.search(question):
        return Wish(ChartKind.TABLE, aims)
    found = next((match for pattern in _EXPLICIT if (match := pattern.search(question))), None)
    return Wish(kind_named(found.group(1)) if found else None, aims)
