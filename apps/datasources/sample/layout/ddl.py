"""The layout as statements, for PostgreSQL (keys after the rows, which is faster) and for SQLite (keys at once).

All names and comments are our own constants; quoting serves correctness, not defence.
"""

from collections.abc import Iterator, Sequence

from apps.datasources.sample.layout import LAYOUT, SEARCHED_BY
from apps.datasources.schema import Column, ForeignKey, Table


def quoted(text: str) -> str:
    """An SQL string."""
    return "'" + text.replace("'", "''") + "'"


def postgres_tables() -> Iterator[str]:
    """Tables with their comments, still without keys."""
    for table in LAYOUT:
        yield f"CREATE TABLE {table.name} ({', '.join(map(_column, table.columns))})"
        yield f"COMMENT ON TABLE {table.name} IS {quoted(table.comment)}"
        for column in table.columns:
            yield f"COMMENT ON COLUMN {table.name}.{column.name} IS {quoted(column.comment)}"


def postgres_keys() -> Iterator[str]:
    """Primary and unique keys of all tables, then indexes, then foreign keys, which need the keys they refer to."""
    for table in LAYOUT:
        keys = [f"ADD {key}" for key in _own_keys(table)]
        yield f"ALTER TABLE {table.name} {', '.join(keys)}"
    yield from indexes()
    for table in LAYOUT:
        for key in table.foreign_keys:
            yield f"ALTER TABLE {table.name} ADD {_foreign_key(key)}"


def sqlite_tables() -> Iterator[str]:
    """Tables with their keys. SQLite keeps a statement's text, so comments stay readable there."""
    for table in LAYOUT:
        lines = [(_column(column), column.comment) for column in table.columns]
        lines += [(key, "") for key in [*_own_keys(table), *map(_foreign_key, table.foreign_keys)]]
        yield f"CREATE TABLE {table.name} ( -- {table.comment}\n{_commented(lines)})"


def indexes() -> Iterator[str]:
    """Indexes on foreign keys that no primary or unique key already begins with, and on what is searched by."""
    for table in LAYOUT:
        covered = [table.primary_key, *table.unique_keys]
        for key in table.foreign_keys:
            if not any(one[: len(key.columns)] == key.columns for one in covered):
                yield _index(table.name, key.columns)
    for name, column in SEARCHED_BY:
        yield _index(name, (column,))


def _index(table: str, columns: Sequence[str]) -> str:
    return f"CREATE INDEX {table}_{'_'.join(columns)}_idx ON {table} ({', '.join(columns)})"


def _column(column: Column) -> str:
    return f"{column.name} {column.native_type}" + ("" if column.nullable else " NOT NULL")


def _own_keys(table: Table) -> list[str]:
    unique = [f"UNIQUE ({', '.join(columns)})" for columns in table.unique_keys]
    return [f"PRIMARY KEY ({', '.join(table.primary_key)})", *unique]


def _foreign_key(key: ForeignKey) -> str:
    return f"FOREIGN KEY ({', '.join(key.columns)}) REFERENCES {key.target_table} ({', '.join(key.target_columns)})"


def _commented(lines: Sequence[tuple[str, str]]) -> str:
    """Definitions one a line, parted by commas, each followed by its comment."""
    last = len(lines) - 1
    return "".join(
        f"  {text}{'' if place == last else ','}{f' -- {comment}' if comment else ''}\n"
        for place, (text, comment) in enumerate(lines)
    )
