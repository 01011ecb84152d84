"""The fixed SQL that reads a MySQL source's structure: put together from constants, it takes no input."""

from collections.abc import Mapping
from types import MappingProxyType

CATALOGUE: Mapping[str, str] = MappingProxyType(
    {
        "tables": """
            SELECT table_schema AS namespace, table_name AS name, table_comment AS comment, table_rows AS row_count,
                   table_type <> 'BASE TABLE' AS is_view
            FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name
        """,
        "columns": """
            SELECT table_schema AS namespace, table_name AS table_name, column_name AS name, data_type AS type_name,
                   column_type AS native_type, is_nullable = 'YES' AS nullable, column_comment AS comment
            FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position
        """,
        "keys": """
            SELECT u.table_schema AS namespace, u.table_name AS table_name, c.constraint_type AS kind,
                   CONCAT(u.table_name, '.', u.constraint_name) AS id, u.column_name AS name,
                   u.referenced_table_schema AS target_namespace, u.referenced_table_name AS target_table,
                   u.referenced_column_name AS target
            FROM information_schema.key_column_usage AS u
            JOIN information_schema.table_constraints AS c
                 ON c.constraint_schema = u.constraint_schema AND c.table_name = u.table_name
                    AND c.constraint_name = u.constraint_name
            WHERE u.table_schema = DATABASE() AND c.constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
            ORDER BY u.table_name, u.constraint_name, u.ordinal_position
        """,
    }
)
