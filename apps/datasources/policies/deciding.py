"""What a policy means for one person, table by table and column by column, with the reason for each. No Django here.

The same decisions make the person's `Access` and explain it, so that no explanation can differ from what holds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from apps.datasources.access import Access, Mask, MaskKind, Restriction, Value
from apps.datasources.guard.errors import UnsafeSql
from apps.datasources.guard.row_filters import check_condition, value_names
from apps.datasources.policies.rules import Policy, Selection, TableRule
from apps.datasources.schema import Column, Schema, Table


@dataclass(frozen=True)
class ColumnDecision:
    """Whether a column is seen, and masked by what."""

    column: Column
    is_visible: bool
    why: str
    mask: Mask | None = None


@dataclass(frozen=True)
class TableDecision:
    """Whether a table is seen, and how: `restriction` is None where all of it may be read."""

    table: Table
    is_visible: bool
    why: str
    columns: tuple[ColumnDecision, ...] = ()
    restriction: Restriction | None = None
    why_rows: str = "Every row is visible."
    problem: str = ""  # why the row filter cannot be used


def decide(policy: Policy, schema: Schema, values: Mapping[str, Value], *, salt: str = "") -> tuple[TableDecision, ...]:
    """One decision for each table of the whole schema. `values` are the membership's, by name; `salt` goes into the
    masks that hash."""
    seen = tuple(_seen(policy, table, salt) for table in schema)
    return tuple(_with_rows(one, policy, seen, schema, values) if one.is_visible else one for one in seen)


def _seen(policy: Policy, table: Table, salt: str) -> TableDecision:
    """Whether the table and its columns are seen; its rows come after all tables are decided."""
    is_visible, why = _selected(policy.tables, table.full_name, "tables")
    if not is_visible:
        return TableDecision(table, False, why)
    position, rule = policy.rule(table.full_name) or (0, TableRule(table.full_name))
    columns = tuple(_columns(rule, f"rules.{position}", table, salt))
    if not any(one.is_visible for one in columns):
        return TableDecision(table, False, f"rules.{position}.columns leaves no column to see.")
    return TableDecision(table, True, why, columns)


def _selected(selection: Selection, name: str, place: str) -> tuple[bool, str]:
    """Whether the name is selected, and the rule that says so."""
    is_selected = selection.holds(name)
    if selection.only:
        said = f"{place}.only names it." if is_selected else f"{place}.only does not name it: hidden until it does."
    elif selection.names:
        said = f"{place}.except does not name it." if is_selected else f"{place}.except names it."
    else:
        said = "No rule hides it."
    return is_selected, said


def _columns(rule: TableRule, place: str, table: Table, salt: str) -> Iterator[ColumnDecision]:
    masks = {name.lower(): mask for name, mask in rule.masks}
    for column in table.columns:
        is_visible, why = _selected(rule.columns, column.name, f"{place}.columns")
        mask = masks.get(column.name.lower()) if is_visible else None
        if mask is not None:
            why = f"{place}.masks.{column.name} shows {mask.kind.value}."
            mask = replace(mask, text=salt) if mask.kind is MaskKind.HASH else mask
        yield ColumnDecision(column, is_visible, why, mask)


def _with_rows(
    decision: TableDecision,
    policy: Policy,
    seen: tuple[TableDecision, ...],
    schema: Schema,
    values: Mapping[str, Value],
) -> TableDecision:
    """The decision with how the table is read, and why those rows."""
    table = decision.table
    position, rule = policy.rule(table.full_name) or (0, TableRule(table.full_name))
    visible = tuple(one.column.name for one in decision.columns if one.is_visible)
    masks = tuple((one.column.name, one.mask) for one in decision.columns if one.mask is not None)
    if len(visible) == len(table.columns) and not rule.columns.only and not masks and not rule.condition:
        return decision
    restriction = Restriction(table.name, table.namespace, visible, masks)
    if not rule.condition:
        return replace(decision, restriction=restriction)
    place = f"rules.{position}.filter"
    problem = _problem(rule.condition, table, _schema_of_filter(table, seen, schema), values)
    if problem:
        said = f"{place}: {problem} No row is visible."
        return replace(decision, restriction=replace(restriction, shows_no_rows=True), why_rows=said, problem=problem)
    named = tuple((name, values[name]) for name in value_names(rule.condition, schema.dialect))
    restriction = replace(restriction, condition=rule.condition, values=named)
    return replace(decision, restriction=restriction, why_rows=f"{place} says which rows are visible.")


def _schema_of_filter(table: Table, seen: tuple[TableDecision, ...], schema: Schema) -> Schema:
    """What a filter of this table may read: all of its own table, and of the others what its reader sees."""
    tables = tuple(
        table
        if one.table is table
        else replace(one.table, columns=tuple(each.column for each in one.columns if each.is_visible))
        for one in seen
        if one.is_visible
    )
    return Schema(schema.dialect, tables, schema.default_namespace)


def _problem(condition: str, table: Table, schema: Schema, values: Mapping[str, Value]) -> str:
    """Why the filter cannot be used for this person; empty where it can. What has a problem shows nothing."""
    try:
        missing = [name for name in value_names(condition, schema.dialect) if name not in values]
        if missing:
            return f"The membership has no attribute {missing[0]!r}."
        check_condition(condition, table, schema, values)
    except UnsafeSql as error:
        return error.message
    return ""


def access_of_decisions(decisions: tuple[TableDecision, ...], schema: Schema, *, policy: str) -> Access:
    """The person's access: a schema in which hidden things do not exist, and how the rest is read."""
    seen = {one.table.full_name: one for one in decisions if one.is_visible}
    hidden = _HiddenNames(decisions)
    tables = tuple(_table(one, seen, hidden) for one in seen.values())
    restrictions = tuple(one.restriction for one in seen.values() if one.restriction is not None)
    return Access(Schema(schema.dialect, tables, schema.default_namespace), restrictions=restrictions, policy=policy)


class _HiddenNames:
    """The names that no comment may mention."""

    def __init__(self, decisions: tuple[TableDecision, ...]) -> None:
        names = {one.table.name.lower() for one in decisions if not one.is_visible}
        self.names = names - {one.table.name.lower() for one in decisions if one.is_visible}

    def kept(self, comment: str, columns: set[str]) -> str:
        """The comment, or nothing where it speaks of a hidden table, or of a hidden column of its own table."""
        text = comment.lower()
        words = set("".join(char if char.isalnum() or char == "_" else " " for char in text).split())
        hidden = self.names | columns
        spaced = (name for name in hidden if not name.replace("_", "").isalnum())
        return "" if words & hidden or any(name in text for name in spaced) else comment


def _table(decision: TableDecision, seen: Mapping[str, TableDecision], hidden: _HiddenNames) -> Table:
    """The table as this person sees it: no key, comment, sample or count tells of what is hidden or masked."""
    table = decision.table
    plain = _plain_columns(decision)
    unseen = {one.column.name.lower() for one in decision.columns if not one.is_visible}
    limits_rows = decision.restriction is not None and decision.restriction.limits_rows
    keys = tuple(key for key in table.foreign_keys if set(key.columns) <= plain)
    return replace(
        table,
        columns=tuple(_column(one, limits_rows, hidden, unseen) for one in decision.columns if one.is_visible),
        primary_key=table.primary_key if set(table.primary_key) <= plain else (),
        unique_keys=tuple(key for key in table.unique_keys if set(key) <= plain),
        foreign_keys=tuple(
            key
            for key in keys
            if (target := seen.get(_full_name(key.target_namespace, key.target_table)))
            and set(key.target_columns) <= _plain_columns(target)
        ),
        comment=hidden.kept(table.comment, unseen),
        row_count=None if limits_rows else table.row_count,
    )


def _full_name(namespace: str | None, name: str) -> str:
    return f"{namespace}.{name}" if namespace else name


def _plain_columns(decision: TableDecision) -> set[str]:
    """The columns that are seen as they are."""
    return {one.column.name for one in decision.columns if one.is_visible and one.mask is None}


def _column(decision: ColumnDecision, limits_rows: bool, hidden: _HiddenNames, unseen: set[str]) -> Column:
    column = replace(decision.column, comment=hidden.kept(decision.column.comment, unseen))
    if limits_rows or decision.mask is not None:
        column = replace(column, samples=(), distinct_count=None)
    if decision.mask is not None and decision.mask.kind is not MaskKind.NULL:
        column = replace(column, type=column.type.TEXT, native_type="text")
    return column
