"""Short ways to write a table down; the layout is the product's own schema, to be compared with one read."""

from apps.datasources.schema import Column, ColumnType, ForeignKey, Table

_TYPES = {
    "integer": ColumnType.INTEGER,
    "smallint": ColumnType.INTEGER,
    "boolean": ColumnType.BOOLEAN,
    "text": ColumnType.TEXT,
    "date": ColumnType.DATE,
    "timestamp": ColumnType.TIMESTAMP,
}


def column(name: str, native_type: str, comment: str = "") -> Column:
    """A column; a native type that ends in "?" allows NULL."""
    native = native_type.removesuffix("?")
    kind = ColumnType.DECIMAL if native.startswith("numeric") else _TYPES[native]
    return Column(name, kind, native, nullable=native_type.endswith("?"), comment=comment)


def refers(columns: str, table: str, target_columns: str) -> ForeignKey:
    """A foreign key; several columns are parted by blanks."""
    return ForeignKey(tuple(columns.split()), table, tuple(target_columns.split()))


def table(
    name: str,
    comment: str,
    columns: tuple[Column, ...],
    primary_key: str,
    foreign_keys: tuple[ForeignKey, ...] = (),
    unique: tuple[str, ...] = (),
) -> Table:
    """A table; `unique` are single columns, `primary_key` may name several parted by blanks."""
    return Table(
        name,
        columns,
        primary_key=tuple(primary_key.split()),
        unique_keys=tuple((one,) for one in unique),
        foreign_keys=foreign_keys,
        comment=comment,
    )
