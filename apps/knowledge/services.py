"""Keeping the value index: filled after each sync, loaded once per process and sync."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import structlog
from django.conf import settings
from django.db import transaction

from apps.common.connections import release_connection
from apps.common.errors import AppError
from apps.datasources import introspection
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress
from apps.datasources.models import DataSource
from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.datasources.services import address_of
from apps.datasources.stored_schema import load_schema
from apps.knowledge.models import IndexedValue
from apps.knowledge.values import MemoryValueIndex, ValueIndex

log = structlog.get_logger(__name__)
LONGEST_VALUE = 200


def index_values(source: DataSource) -> int:
    """Read the distinct values of the source's text columns and keep them; returns how many."""
    schema, address = load_schema(source), address_of(source)
    release_connection()
    found = [
        (table, column, value) for table, column in _text_columns(schema) for value in _read(address, table, column)
    ]
    _replace(source, found)
    log.info("values_indexed", data_source=source.name, values=len(found))
    return len(found)


def load_values(source: DataSource, access: Access) -> ValueIndex:
    """The values that this person may know of, as of the source's last sync, as if there were no others.

    None of a column that is hidden or masked, none of a table of which not every row is visible.
    """
    return _cached_values(source.pk, source.synced_at, access.policy, _Rows(source, access))


def _text_columns(schema: Schema) -> Iterator[tuple[Table, Column]]:
    for table in schema:
        keys = set(table.primary_key) | {name for key in table.foreign_keys for name in key.columns}
        for column in table.columns:
            if column.type is ColumnType.TEXT and (column.name not in keys or len(table.primary_key) == 1):
                yield table, column


def _read(address: SourceAddress, table: Table, column: Column) -> list[str]:
    try:
        values = introspection.read_values(address, table, column, limit=settings.PARLEY.indexed_values_per_column)
    except AppError as error:  # one unreadable column must not cost the others
        log.warning("values_not_indexed", table=table.full_name, column=column.name, code=error.error_code)
        return []
    return [value for value in values if value and len(value) <= LONGEST_VALUE]


@transaction.atomic
def _replace(source: DataSource, found: Iterable[tuple[Table, Column, str]]) -> None:
    IndexedValue.objects.for_org(source.organization).filter(data_source=source).delete()
    IndexedValue.objects.bulk_create(
        (
            IndexedValue(
                organization=source.organization,
                data_source=source,
                table=table.full_name,
                column=column.name,
                value=value,
            )
            for table, column, value in found
        ),
        batch_size=5_000,
    )


class _Rows:
    """Reads the stored values when iterated; equal to any other, so that a cache ignores it."""

    def __init__(self, source: DataSource, access: Access) -> None:
        self.source = source
        self.access = access

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        rows = IndexedValue.objects.for_org(self.source.organization).filter(data_source=self.source)
        found = rows.order_by("id").values_list("table", "column", "value").iterator(chunk_size=10_000)
        if self.access.is_unrestricted:
            return found
        known = self.access.columns_shown_whole()
        return (row for row in found if row[:2] in known)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rows)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=32)
def _cached_values(pk: object, synced_at: object, policy: str, rows: _Rows) -> ValueIndex:
    return MemoryValueIndex(rows)
