"""Everything that the words of one question may stand for, before anything is chosen."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from apps.common.identity import kept_by_identity
from apps.knowledge.catalog import Catalog, catalog_of
from apps.knowledge.linking import Link, link
from apps.knowledge.ranking import focused
from apps.knowledge.tokens import Token, tokenize
from apps.queries.context import Context

from .plan import ColumnKey
from .spans import SpanKind, ValueSpan, find_spans

__all__ = ["Analysis", "SpanKind", "ValueSpan", "analyze"]

MAX_TOKENS = 120
COVER_QUALITY = 0.6


@dataclass(frozen=True)
class Analysis:
    """One question with all links and constants.

    `catalog` leaves out what only repeats other tables with their numbers summed up; `whole` has it too.
    """

    context: Context
    catalog: Catalog
    whole: Catalog
    tokens: tuple[Token, ...]
    links: tuple[Link, ...]
    spans: tuple[ValueSpan, ...]

    @cached_property
    def column_links(self) -> dict[ColumnKey, list[Link]]:
        found: dict[ColumnKey, list[Link]] = defaultdict(list)
        for one in self.links:
            if one.column is not None:
                found[(one.table, one.column)].append(one)
        return dict(found)

    @cached_property
    def table_links(self) -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = defaultdict(list)
        for one in self.links:
            if one.column is None:
                found[one.table].append(one)
        return dict(found)

    @cached_property
    def best_quality(self) -> dict[int, float]:
        """For each token the best quality of any link over it."""
        best: dict[int, float] = defaultdict(float)
        for one in self.links:
            for index in range(one.start, one.end):
                best[index] = max(best[index], one.quality)
        return best

    def words(self, start: int, end: int) -> str:
        """The person's own words of a stretch."""
        return " ".join(token.text for token in self.tokens[start:end])


@kept_by_identity(maxsize=8)
def analyze(context: Context) -> Analysis:
    """Link a question's words to names and values; what sorts questions and what answers them share it."""
    tokens = tokenize(context.question)[:MAX_TOKENS]
    earlier = tokenize(context.history[-1].question)[:MAX_TOKENS] if context.history else ()
    whole = focused(tokens, catalog_of(context.schema), context.values, earlier, context.glossary)
    catalog = whole.part(whole.tables.keys() - whole.summaries) if whole.summaries else whole
    links = tuple(link(tokens, catalog, glossary=context.glossary))
    return Analysis(context, catalog, whole, tokens, links, find_spans(tokens, links, context, catalog))
