"""Lowers a PostgreSQL parse tree to the blocks that `scopes` judges.

Names in the tree are folded already, so they are taken as if quoted.
"""

from typing import Any

from apps.datasources.guard.shape import Block, ColumnName, ColumnRef, Cte, Name, Output, Source, Star, TableRef

Node = dict[str, Any]

# What a column without a name of its own is called, by the kind of its expression.
_NAMED_BY_KIND = {"CoalesceExpr": "coalesce", "CaseExpr": "case", "RowExpr": "row", "A_ArrayExpr": "array"}


def shape_of(select: Node) -> Block:
    """The blocks of one SelectStmt, outermost first."""
    block = Block()
    _ctes(select.get("withClause", {}), block)
    if "larg" in select:
        block.arms = [shape_of(arm) for arm in _arms(select)]
    block.outputs = [_output(target["ResTarget"]) for target in select.get("targetList", [])]
    if "valuesLists" in select:
        block.outputs = [None]
    _walk([value for key, value in select.items() if key not in ("withClause", "larg", "rarg")], block)
    return block


def _arms(select: Node) -> list[Node]:
    """The sides of a chain of set operations, which nests to the left."""
    arms = [select["rarg"]]
    left = select["larg"]
    while "larg" in left and not any(key in left for key in ("withClause", "sortClause", "limitCount", "limitOffset")):
        arms.append(left["rarg"])
        left = left["larg"]
    return [left, *reversed(arms)]


def _ctes(clause: Node, block: Block) -> None:
    block.recursive = clause.get("recursive", False)
    for item in clause.get("ctes", []):
        cte = item["CommonTableExpr"]
        added = [cte.get("search_clause", {}).get("search_seq_column")]
        cycle = cte.get("cycle_clause", {})
        added += [cycle.get("cycle_mark_column"), cycle.get("cycle_path_column")]
        columns = _names(cte.get("aliascolnames", [])) + tuple(Name(name, True) for name in added if name)
        block.ctes.append(Cte(Name(cte["ctename"], True), shape_of(cte["ctequery"]["SelectStmt"]), columns))


def _walk(values: list[Any], block: Block) -> None:
    stack = list(values)
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack += item
        elif isinstance(item, dict):
            for key, value in item.items():
                handle = _HANDLERS.get(key)
                if handle:
                    stack += handle(value, block)
                elif isinstance(value, dict | list):
                    stack.append(value)


def _select(node: Node, block: Block) -> list[Any]:
    block.children.append(shape_of(node))
    return []


def _column(node: Node, block: Block) -> list[Any]:
    names = _names(node["fields"])
    if len(names) == len(node["fields"]):
        block.columns.append(ColumnRef(names[-1], names[:-1]))
    else:  # a star, also inside an expression: to_jsonb(t.*)
        block.reads_unnamed = True
    return []


def _table(node: Node, block: Block) -> list[Any]:
    ref = TableRef(Name(node["relname"], True), _part(node, "schemaname"), _part(node, "catalogname"), node)
    block.sources.append(Source(_alias(node), table=ref, columns=_alias_columns(node)))
    return []


def _derived(node: Node, block: Block) -> list[Any]:
    inner = shape_of(node["subquery"]["SelectStmt"])
    block.sources.append(Source(_alias(node), block=inner, columns=_alias_columns(node)))
    return []


def _function(node: Node, block: Block) -> list[Any]:
    """A function in FROM without an alias goes by its own name."""
    name = _alias(node)
    rest = [value for key, value in node.items() if key != "alias"]
    if name is None and "functions" in node:
        call = node["functions"][0]["List"]["items"][0].get("FuncCall")
        name = _names(call["funcname"])[-1] if call else None
    block.sources.append(Source(name))
    return rest


def _join(node: Node, block: Block) -> list[Any]:
    """An alias over a whole join hides the names inside it."""
    using = _names(node.get("usingClause", []))
    block.reads_unnamed |= "isNatural" in node
    parts = [node["larg"], node["rarg"], node.get("quals", {})]
    merged = node.get("join_using_alias", {}).get("aliasname")
    if merged:
        block.sources.append(Source(Name(merged, True)))
    if "alias" not in node:
        block.columns += [ColumnRef(name) for name in using]
        return parts
    inner = Block(outputs=[Star()], columns=[ColumnRef(name) for name in using])
    _walk(parts, inner)
    block.sources.append(Source(_alias(node), block=inner, columns=_alias_columns(node)))
    return []


_HANDLERS = {
    "SelectStmt": _select,
    "ColumnRef": _column,
    "RangeVar": _table,
    "RangeSubselect": _derived,
    "RangeFunction": _function,
    "RangeTableFunc": _function,
    "JsonTable": _function,
    "JoinExpr": _join,
}


def _output(target: Node) -> Output:
    """What PostgreSQL calls this column."""
    if "name" in target:
        return Name(target["name"], True)
    return _named(target.get("val", {}))


def _named(value: Node) -> Output:
    kind = next(iter(value), "")
    node = value.get(kind, {})
    if kind == "ColumnRef":
        names = _names(node["fields"])
        if len(names) == len(node["fields"]):
            return ColumnName(names[0].text, True) if len(names) == 1 else names[-1]
        return Star(names[-1] if names else None)
    if kind == "FuncCall":
        return _names(node["funcname"])[-1]
    if kind == "TypeCast":
        inner = _named(node["arg"])
        return inner if isinstance(inner, Name) else _names(node["typeName"]["names"])[-1]
    return Name(_NAMED_BY_KIND[kind], True) if kind in _NAMED_BY_KIND else None


def _names(nodes: list[Node]) -> tuple[Name, ...]:
    return tuple(Name(node["String"]["sval"], True) for node in nodes if "String" in node)


def _part(node: Node, key: str) -> Name | None:
    return Name(node[key], True) if node.get(key) else None


def _alias(node: Node) -> Name | None:
    name = node.get("alias", {}).get("aliasname")
    return Name(name, True) if name else None


def _alias_columns(node: Node) -> tuple[Name, ...]:
    return _names(node.get("alias", {}).get("colnames", []))
