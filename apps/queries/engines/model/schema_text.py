"""The schema as text for a prompt: the tables that matter first, as many as fit."""

import re
from collections.abc import Iterable, Iterator

from sqlglot import exp

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.llm.tokens import bounded_tokens
from apps.queries.prompts.quoting import quoted

SAMPLES = 4
LONGEST_SAMPLE = 40
LONGEST_COMMENT = 200
GIVE_UP_AFTER = 20
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def schema_text(schema: Schema, ranked: Iterable[Table], *, most_tokens: int) -> str:
    """As many tables as fit, in full or by their columns' names only, in the schema's order.

    `ranked` says which matter most. The last line tells how many were left out.
    """
    chosen: dict[str, str] = {}
    left, misses = most_tokens - bounded_tokens(_omitted(len(schema.tables))), 0
    for table in ranked:
        text = next((form for form in _forms(table, schema) if bounded_tokens(form) < left), None)
        if text is not None:
            chosen[table.full_name] = text
            left -= bounded_tokens(text) + 1
        elif (misses := misses + 1) == GIVE_UP_AFTER:
            break
    lines = [chosen[table.full_name] for table in schema if table.full_name in chosen]
    omitted = len(schema.tables) - len(lines)
    return "\n".join([*lines, _omitted(omitted)] if omitted else lines)


def _omitted(count: int) -> str:
    return f"({count} further tables are not shown; do not use them.)"


def _forms(table: Table, schema: Schema) -> Iterator[str]:
    """From the fullest to the shortest."""
    yield "\n".join([_head(table, schema), *(_column_line(column, table, schema) for column in table.columns)])
    yield f"{_head(table, schema)}: {', '.join(name_text(column.name, schema) for column in table.columns)}"


def _head(table: Table, schema: Schema) -> str:
    parts = (
        [table.namespace, table.name]
        if table.namespace and table.namespace != schema.default_namespace
        else [table.name]
    )
    name = ".".join(name_text(part, schema) for part in parts if part)
    rows = f" ({table.row_count} rows)" if table.row_count is not None else ""
    return f"{'view' if table.is_view else 'table'} {name}{rows}{_comment(table.comment)}"


def _column_line(column: Column, table: Table, schema: Schema) -> str:
    kind = column.native_type if PLAIN_TYPE.fullmatch(column.native_type) else column.type.value
    key = " key" if column.name in table.primary_key else ""
    target = "".join(_target(key, column.name, schema) for key in table.foreign_keys if column.name in key.columns)
    examples = _examples(column, is_key=bool(key or target))
    return f"  {name_text(column.name, schema)} {kind}{key}{target}{_comment(column.comment)}{examples}"


def _examples(column: Column, *, is_key: bool) -> str:
    """Samples where they tell something: words and codes do, one date shows how dates look, amounts and ids do not."""
    if column.type in (ColumnType.DECIMAL, ColumnType.FLOAT) or (is_key and column.type is not ColumnType.TEXT):
        return ""
    shown = column.samples[: 1 if column.type.is_temporal else SAMPLES]
    return f" e.g. {', '.join(quoted(one, longest=LONGEST_SAMPLE) for one in shown)}" if shown else ""


PLAIN_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_ (),]{0,40}")


def _target(key: ForeignKey, column: str, schema: Schema) -> str:
    target = key.target_columns[key.columns.index(column)]
    return f" -> {name_text(key.target_table, schema)}.{name_text(target, schema)}"


def _comment(text: str) -> str:
    return f" -- {quoted(text, longest=LONGEST_COMMENT)}" if text else ""


def name_text(name: str, schema: Schema) -> str:
    """A name as SQL of the dialect spells it; one that could break out of its line is shown as a string."""
    if PLAIN_NAME.fullmatch(name):
        return name
    if not name.isprintable() or "<" in name:
        return quoted(name)
    return exp.to_identifier(name, quoted=True).sql(dialect=schema.dialect)
