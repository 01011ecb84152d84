"""Writes a person's policy into a PostgreSQL tree: a read of a restricted table becomes a sub-select of what they see.

The hidden columns and rows do not exist for what stands around the sub-select. After writing, the text is parsed again
and two things are checked apart from how it was made: without these sub-selects it reads as what was judged, and
outside of them no restricted table is read.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from apps.datasources.access import Access, Restriction
from apps.datasources.guard import libpg_query
from apps.datasources.guard.dialects import Rules
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.named_values import numbered
from apps.datasources.guard.policy_text import check_length, read_text
from apps.datasources.guard.postgres_shape import shape_of
from apps.datasources.guard.postgres_trees import Node, select_of
from apps.datasources.guard.postgres_values import with_values
from apps.datasources.guard.postgres_writing import write_tree
from apps.datasources.guard.scopes import Reads, reads_of
from apps.datasources.schema import Schema

_OPAQUE: Node = {"functions": [{"List": {"items": []}}]}


def with_policy(judged: Node, reads: Reads, *, rules: Rules, access: Access) -> str | None:
    """The text of the judged tree with every restricted table read as this person may read it; None where it reads
    none. The tree is changed in place.

    Raises UnsafeSql for what cannot be rewritten.
    """
    if not any(access.restriction(table) for _, table in reads.places):
        return None
    try:
        _rewrite(judged, reads, rules, access)
        written = write_tree(judged)
        check_length(written)
        _check_outcome(written, judged, rules, access)
    except libpg_query.ParseFailed as error:
        raise UnsafeSql(Refusal.UNSTABLE_TEXT, "The SQL cannot be written out with its policy.") from error
    except RecursionError as error:
        raise UnsafeSql(Refusal.TOO_DEEP, "The SQL is nested too deeply.") from error
    return written


def policy_read(restriction: Restriction, rules: Rules, access: Access, inside: frozenset[str] = frozenset()) -> Node:
    """The SelectStmt by which this table is read, with the person's values as constants and, where its filter reads
    other restricted tables, those as restricted as anywhere. Raises UnsafeSql for a filter that leads back to itself.
    """
    name = restriction.full_name
    if name in inside:
        raise UnsafeSql(Refusal.UNKNOWN_TABLE, "A row filter cannot lead back to its own table.")
    if name not in access.memo:
        access.memo[name] = _built(restriction, rules, access, inside | {name})
    read: Node = access.memo[name]
    return read


def _built(restriction: Restriction, rules: Rules, access: Access, inside: frozenset[str]) -> Node:
    condition, names = numbered(restriction.condition)
    select = select_of(read_text(_qualified(restriction, rules), rules.dialect, condition))
    select = with_values(select, names, dict(restriction.values))
    # What the filter names of its own table is not looked up: it may name columns that its reader does not see.
    itself = {"RangeFunction": {**_OPAQUE, "alias": {"aliasname": restriction.table}}}
    probe = {**select, "fromClause": [itself], "targetList": []}
    _rewrite(probe, reads_of(shape_of(probe), rules=rules, access=access), rules, access, inside)
    return {**probe, "fromClause": [], "targetList": select["targetList"]}


def _qualified(restriction: Restriction, rules: Rules) -> Restriction:
    return restriction if restriction.namespace else replace(restriction, namespace=rules.default_namespace)


def _rewrite(select: Node, reads: Reads, rules: Rules, access: Access, inside: frozenset[str] = frozenset()) -> None:
    """Put sub-selects at every place that reads a restricted table, and drop the namespace of its columns."""
    found = ((node, access.restriction(table)) for node, table in reads.places)
    restricted = {id(node): one for node, one in found if one is not None}
    names = {(one.namespace, one.table) for one in access.restrictions}
    for item in _nodes(select):
        sample: Node = item.get("RangeTableSample", {})
        table: Node = sample.get("relation", item).get("RangeVar", {})
        restriction = restricted.get(id(table))
        if restriction is not None:
            bare = _bare(table, sample, restriction, rules)
            read = {**policy_read(restriction, rules, access, inside), "fromClause": [bare]}
            alias = table.get("alias", {"aliasname": table["relname"]})
            item.clear()
            item["RangeSubselect"] = {"subquery": {"SelectStmt": read}, "alias": alias}
        elif "ColumnRef" in item:
            fields = item["ColumnRef"]["fields"]
            if len(fields) == 3 and tuple(one.get("String", {}).get("sval") for one in fields[:2]) in names:
                del fields[0]  # a sub-select has no namespace


def _nodes(tree: Node) -> Iterator[Node]:
    """Every object of the tree, those around others first: what is put in place of one is not walked."""
    stack: list[Any] = [tree]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            is_derived = "RangeSubselect" in item
            yield item
            if is_derived or "RangeSubselect" not in item:
                stack += [value for value in item.values() if isinstance(value, dict | list)]
        else:
            stack += [one for one in item if isinstance(one, dict | list)]


def _bare(table: Node, sample: Node, restriction: Restriction, rules: Rules) -> Node:
    """The table itself, named in full and by no other name, with what was said of sampling it."""
    bare: Node = {"RangeVar": {key: value for key, value in table.items() if key not in ("alias", "catalogname")}}
    bare["RangeVar"]["schemaname"] = restriction.namespace or rules.default_namespace
    if sample:
        if any("A_Const" not in argument for argument in sample.get("args", [])) or "repeatable" in sample:
            raise UnsafeSql(Refusal.FORBIDDEN_NODE, "Only a plain number can say how much of this table is sampled.")
        return {"RangeTableSample": {**sample, "relation": bare}}
    return bare


def _check_outcome(text: str, rewritten: Node, rules: Rules, access: Access) -> None:
    """What PostgreSQL's parser reads in the text that will run is what we made, and reads no restricted table but by a
    sub-select of ours. Raises UnsafeSql."""
    written = select_of(text)
    if rewritten != written:
        raise UnsafeSql(Refusal.UNSTABLE_TEXT, "The SQL reads differently once its policy is written in.")
    names = {one.table for one in access.restrictions}
    is_named = False
    for item in _nodes(written):
        derived = item.get("RangeSubselect")
        if derived is not None and _is_policy_read(derived["subquery"].get("SelectStmt", {}), rules, access):
            item.clear()
            item["RangeFunction"] = {**_OPAQUE, "alias": derived["alias"]}
        elif "RangeVar" in item:
            is_named |= item["RangeVar"]["relname"] in names
    if is_named:  # by a CTE of that name, or else wrongly
        unrestricted = tuple(table for table in access.schema if access.restriction(table) is None)
        outside = Access(Schema(access.schema.dialect, unrestricted, access.schema.default_namespace), access.functions)
        reads_of(shape_of(written), rules=rules, access=outside)


def _is_policy_read(select: Node, rules: Rules, access: Access) -> bool:
    sources = select.get("fromClause", [])
    if len(sources) != 1:
        return False
    source = sources[0].get("RangeTableSample", {}).get("relation", sources[0]).get("RangeVar", {})
    namespace, name = source.get("schemaname"), source.get("relname")
    if "alias" in source or "catalogname" in source:
        return False
    return any(
        {**select, "fromClause": []} == policy_read(one, rules, access)
        for one in access.restrictions
        if one.table == name and _qualified(one, rules).namespace == namespace
    )
