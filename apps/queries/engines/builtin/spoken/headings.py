"""What the columns of an answer are called."""

import re

from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.plan import Aggregate, ColumnKey

from .frame import Frame, Measure, Sign, Term

_AGGREGATE_NAMES = {Aggregate.SUM: "total", Aggregate.AVG: "average", Aggregate.MIN: "lowest", Aggregate.MAX: "highest"}
_SIGNS = {Sign.PLUS: "plus", Sign.MINUS: "less", Sign.TIMES: "times", Sign.OVER: "per", Sign.DAYS: "days_since"}
_NOT_WORD = re.compile(r"\W+")


class Headings:
    """Names of one frame's columns; two never share one where the answer is read from a sub-select."""

    def __init__(self, catalog: Catalog, frame: Frame) -> None:
        self._catalog = catalog
        self._base = frame.base
        terms = [*(group.term for group in frame.groups), *frame.show, *([frame.top_per] if frame.top_per else [])]
        names = [term.key[1] for term in dict.fromkeys(terms)]
        self._clash = {name for name in names if names.count(name) > 1}

    def of_term(self, term: Term) -> str:
        """Empty where the column's own name will do."""
        if term.unit:
            return term.unit
        if term.sign and term.other:
            return f"{self._words(term.key)}_{_SIGNS[term.sign]}_{self._words(term.other)}"
        if term.others and term.others.here:
            return _NOT_WORD.sub("_", re.sub(r"_?id$", "", term.others.here[1], flags=re.IGNORECASE)) or "other"
        return f"{self._table_words(term.key[0])}_{term.key[1]}" if term.key[1] in self._clash else ""

    def inside(self, term: Term) -> str:
        """The name by which a query around the answer reads the column."""
        return self.of_term(term) or term.key[1]

    def of_measure(self, measure: Measure) -> str:
        """Says what was reckoned: `order_count`, `total_amount`, `percent`."""
        if measure.part is not None:
            return "percent" if measure.is_percent and measure.whole is None else "ratio"
        if measure.term is None:
            return f"{self._table_words(self._base)}_count"
        said = self.of_term(measure.term) if measure.term.sign else self._words(measure.term.key)
        if measure.over:
            return f"{said}_per_{self._words(measure.over.key)}"
        if measure.aggregate is Aggregate.COUNT:
            return f"{said}_count"
        return f"{_AGGREGATE_NAMES[measure.aggregate]}_{said}"

    def _words(self, key: ColumnKey) -> str:
        return _NOT_WORD.sub("_", "_".join(self._catalog.columns[key].words))

    def _table_words(self, table: str) -> str:
        return _NOT_WORD.sub("_", "_".join(self._catalog.tables[table].words))
