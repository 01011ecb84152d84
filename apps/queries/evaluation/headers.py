"""Questions of which only the headers of the tables are known: what triage is measured on."""

import datetime as dt

from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context

from .folder import Example

TODAY = dt.date(2026, 1, 15)
_KINDS = {
    "unanswerable by sql": "not_in_data", "lack data": "not_in_data", "unanswerable": "not_in_data",
    "small talk": "small_talk", "improper": "small_talk",
}  # fmt: skip


def expected_kind(question_type: str) -> str:
    """A benchmark's word for a kind of question as ours."""
    return _KINDS.get(question_type, question_type)


def headers_context(example: Example) -> Context:
    """A context whose schema knows nothing but names."""
    tables = tuple(
        Table(name, tuple(Column(column, ColumnType.OTHER) for column in columns))
        for name, columns in example.tables.items()
    )
    return Context(example.question, Schema("sqlite", tables), MemoryValueIndex(()), TODAY)
