"""A schema in our database: saved as read, loaded as the plain values that engines and the guard take."""

from functools import lru_cache

from django.db import transaction
from django.db.models import Prefetch

from apps.common.identity import Unkeyed
from apps.datasources.models import DataSource, SchemaColumn, SchemaTable
from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table


@transaction.atomic
def save_schema(source: DataSource, schema: Schema) -> None:
    """Replace what we know of the source's tables by `schema`."""
    SchemaTable.objects.for_org(source.organization).filter(data_source=source).delete()
    rows = [_table_row(source, table) for table in schema]
    SchemaTable.objects.bulk_create(rows)
    columns = [
        _column_row(row, position, column)
        for row, table in zip(rows, schema, strict=True)
        for position, column in enumerate(table.columns)
    ]
    SchemaColumn.objects.bulk_create(columns, batch_size=2_000)
    source.schema_version = schema.version
    source.default_namespace = schema.default_namespace or ""
    source.plain_types = sorted(schema.types)
    source.save(update_fields=["schema_version", "default_namespace", "plain_types", "updated_at"])


def load_schema(source: DataSource) -> Schema:
    """The source's schema as last read; cached in this process under its version and time of reading."""
    return _cached_schema(source.pk, source.schema_version, source.synced_at, Unkeyed(source))


@lru_cache(maxsize=64)
def _cached_schema(pk: object, version: str, synced_at: object, stored: Unkeyed[DataSource]) -> Schema:
    source = stored.value
    rows = (
        SchemaTable.objects.for_org(source.organization)
        .filter(data_source=source)
        .order_by("namespace", "name")
        .prefetch_related(Prefetch("columns", SchemaColumn.objects.for_org(source.organization).order_by("position")))
    )
    tables = tuple(_table(row) for row in rows)
    return Schema(source.kind, tables, source.default_namespace or None, frozenset(source.plain_types))


def _table_row(source: DataSource, table: Table) -> SchemaTable:
    return SchemaTable(
        organization=source.organization,
        data_source=source,
        namespace=table.namespace or "",
        name=table.name,
        comment=table.comment,
        row_count=table.row_count,
        is_view=table.is_view,
        primary_key=list(table.primary_key),
        unique_keys=[list(key) for key in table.unique_keys],
        foreign_keys=[
            [list(key.columns), key.target_namespace, key.target_table, list(key.target_columns)]
            for key in table.foreign_keys
        ],
    )


def _column_row(row: SchemaTable, position: int, column: Column) -> SchemaColumn:
    return SchemaColumn(
        organization=row.organization,
        table=row,
        position=position,
        name=column.name,
        type=column.type,
        native_type=column.native_type,
        nullable=column.nullable,
        comment=column.comment,
        samples=list(column.samples),
        distinct_count=column.distinct_count,
    )


def _table(row: SchemaTable) -> Table:
    return Table(
        name=row.name,
        namespace=row.namespace or None,
        columns=tuple(_column(column) for column in row.columns.all()),
        primary_key=tuple(row.primary_key),
        unique_keys=tuple(tuple(key) for key in row.unique_keys),
        foreign_keys=tuple(
            ForeignKey(tuple(columns), target, tuple(target_columns), namespace)
            for columns, namespace, target, target_columns in row.foreign_keys
        ),
        comment=row.comment,
        row_count=row.row_count,
        is_view=row.is_view,
    )


def _column(row: SchemaColumn) -> Column:
    return Column(
        name=row.name,
        type=ColumnType(row.type),
        native_type=row.native_type,
        nullable=row.nullable,
        comment=row.comment,
        samples=tuple(row.samples),
        distinct_count=row.distinct_count,
    )
