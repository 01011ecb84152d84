"""Writes a person's policy into a sqlglot tree, as `postgres_policy` does for PostgreSQL, with the same promises."""

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from apps.datasources.access import Access, Restriction, Value
from apps.datasources.guard.dialects import Rules
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.policy_text import check_length, read_text
from apps.datasources.guard.scopes import Reads, reads_of
from apps.datasources.guard.sqlglot_shape import shape_of
from apps.datasources.guard.sqlglot_source import parse, render
from apps.datasources.schema import Schema

# What is said of a table in FROM belongs to the table itself, or to the item of FROM that it is.
_KEPT_INSIDE = ("sample", "hints")
_OF_THE_TABLE = frozenset({"this", "db", "catalog", *_KEPT_INSIDE})
_OF_THE_ITEM = frozenset({"alias", "joins", "laterals", "pivots"})


def with_policy(judged: exp.Query, reads: Reads, *, rules: Rules, access: Access) -> str | None:
    """The text of the judged tree with every restricted table read as this person may read it; None where it reads
    none. The tree is changed in place.

    Raises UnsafeSql for what cannot be rewritten.
    """
    if not any(access.restriction(table) for _, table in reads.places):
        return None
    _rewrite(judged, reads, rules, access)
    written = render(judged, rules)
    check_length(written)
    _check_outcome(written, rules, access)
    return written


def policy_read(
    restriction: Restriction, rules: Rules, access: Access, inside: frozenset[str] = frozenset()
) -> exp.Select:
    """The SELECT by which this table is read, of its own for each caller. Raises UnsafeSql for a filter that leads back
    to its own table."""
    name = restriction.full_name
    if name in inside:
        raise UnsafeSql(Refusal.UNKNOWN_TABLE, "A row filter cannot lead back to its own table.")
    if name not in access.memo:
        access.memo[name] = _built(restriction, rules, access, inside | {name})
    kept: exp.Select = access.memo[name]
    return kept.copy()


def _built(restriction: Restriction, rules: Rules, access: Access, inside: frozenset[str]) -> exp.Select:
    named = replace(restriction, namespace=restriction.namespace or rules.default_namespace)
    select = parse(read_text(named, rules.dialect, restriction.condition), rules)
    if not isinstance(select, exp.Select):
        raise UnsafeSql(Refusal.CANNOT_PARSE, "The row filter is no condition.")
    fill(select, dict(restriction.values))
    source = select.args["from_"]
    # What the filter names of its own table is not looked up: it may name columns that its reader does not see.
    opaque = exp.Table(
        this=exp.Anonymous(this="itself"), alias=exp.TableAlias(this=exp.to_identifier(restriction.table))
    )
    outputs = select.expressions
    select.set("from_", exp.From(this=opaque))
    select.set("expressions", [exp.Literal.number(1)])
    _rewrite(select, reads_of(shape_of(select, rules), rules=rules, access=access), rules, access, inside)
    select.set("from_", source)
    select.set("expressions", outputs)
    return select


def _rewrite(tree: exp.Query, reads: Reads, rules: Rules, access: Access, inside: frozenset[str] = frozenset()) -> None:
    """Put sub-selects in place of the restricted tables."""
    restricted = [(node, one) for node, table in reads.places if (one := access.restriction(table)) is not None]
    _drop_namespaces(tree, [one for _, one in restricted])
    for node, restriction in restricted:
        read = policy_read(restriction, rules, access, inside)
        if isinstance(node, exp.In):
            node.set("field", None)
            node.set("query", exp.Subquery(this=read))
        else:
            node.replace(_item(node, read))


def _item(table: exp.Expr, read: exp.Select) -> exp.Subquery:
    """The item of FROM that reads as `table` did."""
    given = {name: value for name, value in table.args.items() if value}
    if unknown := sorted(set(given) - _OF_THE_TABLE - _OF_THE_ITEM):
        raise UnsafeSql(Refusal.FORBIDDEN_NODE, f"A table of which {unknown[0]} is said cannot be read here.")
    source = read.args["from_"].this
    for name in _KEPT_INSIDE:
        source.set(name, given.get(name))
    alias = given.get("alias") or exp.TableAlias()
    if alias.this is None:
        alias.set("this", table.this.copy())
    return exp.Subquery(
        this=read, alias=alias, **{name: given[name] for name in _OF_THE_ITEM - {"alias"} if name in given}
    )


def _drop_namespaces(tree: exp.Query, restricted: list[Restriction]) -> None:
    """`namespace.table.column` becomes `table.column`: a sub-select has no namespace."""
    known = {one.table.lower() for one in restricted}
    for column in tree.find_all(exp.Column):
        if column.args.get("db") is not None and column.table.lower() in known:
            column.set("db", None)
            column.set("catalog", None)


def fill(select: exp.Select, values: Mapping[str, Value]) -> None:
    """Constants for the named values. Raises UnsafeSql for one that is not given, or a list outside of IN."""
    for node in list(select.find_all(exp.Placeholder)):
        name = str(node.this)
        if name not in values:
            raise UnsafeSql(Refusal.CANNOT_PARSE, f"There is no value {name}.")
        value, parent = values[name], node.parent
        if not isinstance(value, tuple):
            node.replace(_constant(value))
        elif isinstance(parent, exp.In) and node.arg_key == "expressions":
            kept = [one for one in parent.expressions if one is not node]
            parent.set("expressions", [*kept, *(_constant(one) for one in value)])
        else:
            raise UnsafeSql(Refusal.CANNOT_PARSE, "A list of values can stand in IN only.")


def _constant(value: str | int | bool) -> exp.Expr:
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        number = exp.Literal.number(abs(value))
        return number if value >= 0 else exp.Neg(this=number)
    return exp.Literal.string(value)


def _check_outcome(text: str, rules: Rules, access: Access) -> None:
    """The text that will run is stable, and reads no restricted table but by a sub-select of ours. Raises UnsafeSql."""
    written = parse(text, rules)
    if render(written.copy(), rules) != text:
        raise UnsafeSql(Refusal.UNSTABLE_TEXT, "The SQL reads differently once its policy is written in.")
    for derived in list(written.find_all(exp.Subquery)):
        if _is_policy_read(derived.this, rules, access):
            derived.set("this", exp.Select(expressions=[exp.Null()]))  # something opaque
    names = {one.table.lower() for one in access.restrictions}
    if any(isinstance(node, exp.In) or node.name.lower() in names for node in written.find_all(exp.Table, exp.In)):
        unrestricted = tuple(table for table in access.schema if access.restriction(table) is None)
        outside = Access(Schema(access.schema.dialect, unrestricted, access.schema.default_namespace), access.functions)
        reads_of(shape_of(written, rules), rules=rules, access=outside)


def _is_policy_read(select: exp.Expr, rules: Rules, access: Access) -> bool:
    """Whether this sub-select reads a restricted table as it must be read, to the letter."""
    clause = select.args.get("from_")
    source = clause.this if clause is not None else None
    if not isinstance(source, exp.Table) or source.args.get("alias") or not isinstance(select, exp.Select):
        return False
    actual = render(select.copy(), rules)
    return any(
        actual == _expected(one, source, rules, access)
        for one in access.restrictions
        if source.name.lower() == one.table.lower()
    )


def _expected(restriction: Restriction, source: exp.Table, rules: Rules, access: Access) -> str:
    """The text by which this table is read, with what the source in question says of sampling and the like."""
    said = {name: source.args[name] for name in _KEPT_INSIDE if source.args.get(name)}
    name = f"{restriction.full_name} as text"
    if not said and name in access.memo:
        return str(access.memo[name])
    read = policy_read(restriction, rules, access)
    for kept, value in source.copy().args.items():
        if kept in said:
            read.args["from_"].this.set(kept, value)
    text = render(read, rules)
    if not said:
        access.memo[name] = text
    return text
