"""Verbs that name dates: "shipped" and "shipping" name `shipped_at`, "left" names `termination_date`."""

from collections.abc import Iterable

from apps.knowledge.catalog import Catalog, Kind
from apps.queries.engines.builtin.plan import ColumnKey

from .dates import DATE_WORDS
from .words import stem

_SAME: tuple[tuple[str, ...], ...] = (
    ("left", "leave", "leaving", "leaves", "departed", "quit", "terminated", "termination", "exit"),
    ("paid", "pay", "pays", "payment", "settled"),
    ("sent", "send", "sending"),
    ("sold", "sell", "sale"),
    ("began", "begun", "begin", "started", "start"),
    ("born", "birth", "dob"),
    ("joined", "join", "hired", "hire"),
    ("signed", "sign", "signup", "registered", "registration", "joined"),
    ("bought", "buy", "purchased", "purchase"),
    ("ended", "end", "finished"),
    ("closed", "close", "closing", "resolved"),
    ("opened", "open", "opening"),
    ("logged", "login", "log"),
    ("written", "write", "wrote", "posted"),
)
_PRESENT = {"open": "closed", "outstanding": "paid", "active": ""}
_EQUAL: dict[str, set[str]] = {}
for _group in _SAME:
    for _word in _group:
        _EQUAL.setdefault(_word, set()).update(stem(one) for one in _group)


def event_columns(catalog: Catalog, word: str, tables: Iterable[str] | None = None) -> list[ColumnKey]:
    """Date columns that a verb or its noun names."""
    wanted = {stem(word)} | _EQUAL.get(word, set())
    names = catalog.tables if tables is None else tables
    return [
        column.key
        for table in names
        for column in catalog.tables[table].columns
        if column.kind is Kind.DATE and wanted & {stem(part) for part in column.words if part not in DATE_WORDS}
    ]


def not_yet(catalog: Catalog, word: str, table: str) -> ColumnKey | None:
    """The date whose absence a word means: "unpaid" that of being paid, "open" that of being closed."""
    happened = word[2:] if word.startswith("un") and len(word) > 4 else _PRESENT.get(word, "")
    found = event_columns(catalog, happened, [table]) if happened else []
    return found[0] if len(found) == 1 and catalog.columns[found[0]].column.nullable else None
