"""The schema as text for a prompt: the tables that matter first, as many as fit."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.llm.personal_data import kind_of_column
from apps.llm.pseudonyms import Pseudonyms
from apps.queries.context import Context
from apps.queries.engines.model.budget import Count, Section
from apps.queries.prompts.quoting import quoted

SAMPLES = 4
LONGEST_SAMPLE = 40
LONGEST_COMMENT = 200
GIVE_UP_AFTER = 20
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def schema_section(
    context: Context, ranked: Iterable[Table], names: Pseudonyms, *, most_tokens: int, count: Count
) -> Section:
    """As many tables as fit, in full or by their columns' names only, in the schema's order.

    `ranked` says which matter most. The last line tells how many were left out.
    """
    schema, shown = context.schema, _Shown(context, names)
    chosen: dict[str, str] = {}
    shortened, misses = 0, 0
    left = most_tokens - count(_omitted(len(schema.tables)))
    for table in ranked:
        for form in _forms(table, shown):
            if (tokens := count(form) + 1) <= left:
                break
        else:
            misses += 1
            if misses == GIVE_UP_AFTER:
                break
            continue
        shortened += "\n" not in form
        chosen[table.full_name] = form
        left -= tokens
    lines = [chosen[table.full_name] for table in schema if table.full_name in chosen]
    omitted = len(schema.tables) - len(lines)
    text = "\n".join([*lines, _omitted(omitted)] if omitted else lines)
    return Section("schema", text, count(text), len(lines), shortened, omitted)


@dataclass(frozen=True)
class _Shown:
    """The schema, and what of its values and comments may be told."""

    context: Context
    names: Pseudonyms

    @property
    def schema(self) -> Schema:
        return self.context.schema

    def comment(self, text: str) -> str:
        return f" -- {quoted(self.names.hide_forms(text), longest=LONGEST_COMMENT)}" if text else ""

    def samples(self, column: Column, table: Table, *, is_key: bool) -> str:
        """Samples where they tell something: words and codes do, one date shows how dates look, amounts and ids do not.

        None of personal data: a placeholder for each would tell nothing.
        """
        if not self.context.privacy.shows_values or kind_of_column(column.name, table.full_name):
            return ""
        if column.type in (ColumnType.DECIMAL, ColumnType.FLOAT) or (is_key and column.type is not ColumnType.TEXT):
            return ""
        shown = column.samples[: 1 if column.type.is_temporal else SAMPLES]
        told = (quoted(self.names.hide_known(one), longest=LONGEST_SAMPLE) for one in shown)
        return f" e.g. {', '.join(told)}" if shown else ""


def _omitted(count: int) -> str:
    return f"({count} further tables are not shown; do not use them.)"


def _forms(table: Table, shown: _Shown) -> Iterator[str]:
    """From the fullest to the shortest."""
    yield "\n".join([_head(table, shown), *(_column_line(column, table, shown) for column in table.columns)])
    columns = ", ".join(name_text(column.name, shown.schema) for column in table.columns)
    yield f"{_head(table, shown)}: {columns}"


def _head(table: Table, shown: _Shown) -> str:
    schema = shown.schema
    parts = (
        [table.namespace, table.name]
        if table.namespace and table.namespace != schema.default_namespace
        else [table.name]
    )
    name = ".".join(name_text(part, schema) for part in parts if part)
    rows = f" ({table.row_count} rows)" if table.row_count is not None else ""
    return f"{'view' if table.is_view else 'table'} {name}{rows}{shown.comment(table.comment)}"


def _column_line(column: Column, table: Table, shown: _Shown) -> str:
    schema = shown.schema
    kind = column.native_type if PLAIN_TYPE.fullmatch(column.native_type) else column.type.value
    key = " key" if column.name in table.primary_key else ""
    target = "".join(_target(key, column.name, schema) for key in table.foreign_keys if column.name in key.columns)
    samples = shown.samples(column, table, is_key=bool(key or target))
    return f"  {name_text(column.name, schema)} {kind}{key}{target}{shown.comment(column.comment)}{samples}"


PLAIN_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_ (),]{0,40}")


def _target(key: ForeignKey, column: str, schema: Schema) -> str:
    target = key.target_columns[key.columns.index(column)]
    return f" -> {name_text(key.target_table, schema)}.{name_text(target, schema)}"


def name_text(name: str, schema: Schema) -> str:
    """A name as SQL of the dialect spells it; one that could break out of its line is shown as a string."""
    if PLAIN_NAME.fullmatch(name):
        return name
    if not name.isprintable() or "<" in name:
        return quoted(name)
    return exp.to_identifier(name, quoted=True).sql(dialect=schema.dialect)
