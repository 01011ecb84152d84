"""Which statements of a PostgreSQL script are reads of user tables that a person could ask for."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg

from apps.datasources.access import Access

_FOREIGN = """
    SELECT proname FROM pg_proc WHERE oid >= 16384 UNION SELECT oprname FROM pg_operator WHERE oid >= 16384
    UNION SELECT typname FROM pg_type AS t WHERE oid >= 16384
          AND (typtype <> 'c' OR EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
"""
# What these answer is not in any user's table: the catalogue, settings, sessions, the server, its files.
_OF_SERVER = re.compile(
    r"pg_.*|has_.*_privilege|current_.*|.*_description|to_reg.*|txid_.*|inet_(client|server)_.*|version|format_type"
    r"|row_security_active|lo(read|write)|set_config|nextval|currval|lastval|setval|lo_.*|amvalidate|.*_to_xml(schema)?|.*_to_xml_and_xmlschema"
    r"|query_to_.*|ts_stat|ts_rewrite|setseed|gin_.*|brin_.*|binary_upgrade_.*|getdatabaseencoding|makeaclitem|aclexplode"
    r"|acl.*|makeaclitem|satisfies_hash_partition|icu_unicode_version|unicode_version"
)
_SERVER_TYPES = re.compile(r"reg.*|pg_.*|aclitem|cid|tid|xid8?|refcursor|unknown|internal|cstring|any.*|record")
_SYSTEM_COLUMNS = frozenset({"xmin", "xmax", "cmin", "cmax", "ctid", "tableoid"})


def foreign_names(connection: "psycopg.Connection[Any]") -> frozenset[str]:
    """The names of all functions, operators and types that did not come with the server."""
    return frozenset(name for (name,) in connection.execute(_FOREIGN))


def is_read_of_tables(statement: dict[str, Any], access: Access, foreign: frozenset[str]) -> bool:
    """Whether a statement is one SELECT over user tables by the server's own functions, without locks."""
    if "SelectStmt" not in statement:
        return False
    names = {table.name for table in access.schema}
    foreign -= {name.rpartition(".")[2] for name in access.schema.types}
    ctes = {node["ctename"] for key, node in _nodes(statement) if key == "CommonTableExpr"}
    return not any(_is_out_of_policy(key, node, names | ctes, foreign) for key, node in _nodes(statement))


def _is_out_of_policy(key: str, node: Any, tables: set[str], foreign: frozenset[str]) -> bool:
    match key:
        case "intoClause" | "lockingClause" | "InsertStmt" | "UpdateStmt" | "DeleteStmt" | "MergeStmt" | "ParamRef":
            return True
        case "RangeVar":
            return node["relname"] not in tables or node.get("schemaname") in ("pg_catalog", "information_schema")
        case "FuncCall":
            name = node["funcname"][-1]["String"]["sval"]
            return name in foreign or bool(_OF_SERVER.fullmatch(name))
        case "A_Expr":
            return any(part.get("String", {}).get("sval") in foreign for part in node["name"])
        case "typeName" | "TypeName":
            name = node["names"][-1]["String"]["sval"] if "names" in node else ""
            return name in foreign or bool(_SERVER_TYPES.fullmatch(name)) or "information_schema" in str(node)
        case "SQLValueFunction":
            return any(word in node["op"] for word in ("ROLE", "USER", "CATALOG", "SCHEMA"))
        case "ColumnRef":
            return any(part.get("String", {}).get("sval") in _SYSTEM_COLUMNS for part in node["fields"])
    return False


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    stack = [tree]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack += item
        elif isinstance(item, dict):
            for key, value in item.items():
                yield key, value
                if isinstance(value, dict | list):
                    stack.append(value)
