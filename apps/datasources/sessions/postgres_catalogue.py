"""The fixed SQL that reads a PostgreSQL source's structure: put together from constants, it takes no input."""

from collections.abc import Mapping
from types import MappingProxyType

_VISIBLE = """
    pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
      AND has_schema_privilege(n.oid, 'USAGE')
      AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
"""

# Types of the source's own making that only hold values: enums, ranges, domains and composites with no function of the
# source's own making behind them, in a check, a cast, an input or a range's definition, however deep. The first that is
# not the server's own has number 16384.
PLAIN_TYPES = """
    WITH RECURSIVE own AS (
        SELECT t.oid, t.typname, t.typtype, t.typnamespace, t.typbasetype, t.typelem, t.typrelid
        FROM pg_type AS t LEFT JOIN pg_class AS c ON c.oid = t.typrelid
        WHERE t.oid >= 16384 AND (t.typtype <> 'c' OR c.relkind = 'c' OR t.typelem <> 0)
    ), parts AS (
        SELECT oid AS whole, typbasetype AS part FROM own WHERE typbasetype <> 0
        UNION ALL SELECT oid, typelem FROM own WHERE typelem <> 0
        UNION ALL SELECT own.oid, a.atttypid FROM own JOIN pg_attribute AS a ON a.attrelid = own.typrelid
                  WHERE NOT a.attisdropped
        UNION ALL SELECT rngtypid, rngsubtype FROM pg_range
        UNION ALL SELECT rngmultitypid, rngtypid FROM pg_range
    ), active AS (
        SELECT oid AS number FROM pg_type AS t WHERE oid >= 16384 AND typtype IN ('b', 'p') AND typelem = 0
        UNION SELECT castsource FROM pg_cast WHERE castfunc >= 16384
        UNION SELECT casttarget FROM pg_cast WHERE castfunc >= 16384
        UNION SELECT rngtypid FROM pg_range WHERE rngcanonical >= 16384 OR rngsubdiff >= 16384 OR rngsubopc >= 16384
        UNION SELECT k.contypid FROM pg_constraint AS k JOIN pg_depend AS d
              ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid AND d.refobjid >= 16384
                 AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
        UNION SELECT parts.whole FROM parts JOIN active ON parts.part = active.number
    )
    SELECT n.nspname AS namespace, own.typname AS name
    FROM own JOIN pg_namespace AS n ON n.oid = own.typnamespace
    WHERE own.typtype IN ('e', 'd', 'r', 'm', 'c') AND own.oid NOT IN (SELECT number FROM active)
      AND has_schema_privilege(n.oid, 'USAGE') AND has_type_privilege(own.oid, 'USAGE')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY 1, 2
"""

CATALOGUE: Mapping[str, str] = MappingProxyType(
    {
        "tables": f"""
            SELECT n.nspname AS namespace, c.relname AS name, c.relkind::text AS kind,
                   obj_description(c.oid, 'pg_class') AS comment,
                   CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS row_count
            FROM {_VISIBLE}
            ORDER BY 1, 2
        """,  # noqa: S608
        "columns": f"""
            SELECT t.namespace, t.name AS table_name, a.attname AS name, NOT a.attnotnull AS nullable,
                   format_type(a.atttypid, a.atttypmod) AS native_type, y.typname AS type_name,
                   y.typtype::text AS type_kind, y.typcategory::text AS type_category, b.typname AS base_name,
                   col_description(t.oid, a.attnum) AS comment, s.n_distinct::float8 AS n_distinct
            FROM (SELECT c.oid, n.nspname AS namespace, c.relname AS name FROM {_VISIBLE}) AS t
            JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                 AND has_column_privilege(t.oid, a.attnum, 'SELECT')
            JOIN pg_type AS y ON y.oid = a.atttypid
            LEFT JOIN pg_type AS b ON b.oid = nullif(y.typbasetype, 0)
            LEFT JOIN pg_stats AS s
                 ON s.schemaname = t.namespace AND s.tablename = t.name AND s.attname = a.attname AND NOT s.inherited
            ORDER BY t.namespace, t.name, a.attnum
        """,  # noqa: S608
        "keys": f"""
            SELECT t.namespace, t.name AS table_name, k.contype::text AS kind,
                   (SELECT array_agg(a.attname::text ORDER BY u.position)
                    FROM unnest(k.conkey) WITH ORDINALITY AS u(number, position)
                    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number) AS columns,
                   fn.nspname AS target_namespace, f.relname AS target_table,
                   (SELECT array_agg(a.attname::text ORDER BY u.position)
                    FROM unnest(k.confkey) WITH ORDINALITY AS u(number, position)
                    JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.number) AS target_columns
            FROM (SELECT c.oid, n.nspname AS namespace, c.relname AS name FROM {_VISIBLE}) AS t
            JOIN pg_constraint AS k ON k.conrelid = t.oid AND k.contype IN ('p', 'u', 'f')
            LEFT JOIN pg_class AS f ON f.oid = k.confrelid
            LEFT JOIN pg_namespace AS fn ON fn.oid = f.relnamespace
            ORDER BY t.namespace, t.name, k.contype, k.conname
        """,  # noqa: S608
        "types": PLAIN_TYPES,
    }
)
