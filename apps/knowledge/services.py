"""Keeping the value index: brought up to date after each sync, held by a process where it is small."""

from collections.abc import Iterator
from functools import lru_cache

import structlog
from django.conf import settings
from django.db import transaction

from apps.common.connections import release_connection
from apps.common.errors import AppError
from apps.common.identity import Unkeyed
from apps.datasources import introspection
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress
from apps.datasources.models import DataSource
from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.datasources.services import address_of
from apps.datasources.stored_schema import load_schema
from apps.knowledge.models import IndexedValue
from apps.knowledge.stored_values import values_for
from apps.knowledge.values import MemoryValueIndex, ValueIndex, value_key

log = structlog.get_logger(__name__)
LONGEST_VALUE, LONGEST_KEY = 200, 400
MOST_IN_MEMORY = 20_000
BATCH = 5_000


def index_values(source: DataSource) -> int:
    """Read the distinct values of the source's text columns and keep them; returns how many there are.

    Only what changed is written: columns are compared one by one, each in a transaction of its own.
    """
    schema, address = load_schema(source), address_of(source)
    places = list(_text_columns(schema))
    _forget_others(source, {(table.full_name, column.name) for table, column in places})
    count = 0
    for table, column in places:
        release_connection()
        values = _read(address, table, column)
        if values is not None:
            _keep(source, table.full_name, column.name, set(values))
            count += len(values)
    log.info("values_indexed", data_source=source.name, values=count)
    return count


def load_values(source: DataSource, access: Access, question: str | None = None) -> ValueIndex:
    """The values that this person may know of, as of the source's last sync, as if there were no others.

    None of a column that is hidden or masked, none of a table of which not every row is visible. Where there are more
    than a process should hold, only those that the question may mean.
    """
    if question is not None and _are_many(source.pk, source.synced_at, Unkeyed(source)):
        return values_for(question, source, access)
    return _cached_values(source.pk, source.synced_at, access.policy, Unkeyed((source, access)))


def _text_columns(schema: Schema) -> Iterator[tuple[Table, Column]]:
    for table in schema:
        keys = set(table.primary_key) | {name for key in table.foreign_keys for name in key.columns}
        for column in table.columns:
            if column.type is ColumnType.TEXT and (column.name not in keys or len(table.primary_key) == 1):
                yield table, column


def _read(address: SourceAddress, table: Table, column: Column) -> list[str] | None:
    """The values of a column, None where it cannot be read: one unreadable column must not cost the others."""
    try:
        values = introspection.read_values(address, table, column, limit=settings.PARLEY.indexed_values_per_column)
    except AppError as error:
        log.warning("values_not_indexed", table=table.full_name, column=column.name, code=error.error_code)
        return None
    return [value for value in values if value and len(value) <= LONGEST_VALUE and "\0" not in value]


def _forget_others(source: DataSource, places: set[tuple[str, str]]) -> None:
    """Drop the values of columns that are no longer there."""
    rows = IndexedValue.objects.for_org(source.organization).filter(data_source=source)
    for table, column in set(rows.values_list("table", "column").distinct()) - places:
        rows.filter(table=table, column=column).delete()


@transaction.atomic
def _keep(source: DataSource, table: str, column: str, values: set[str]) -> None:
    """Write what a column has more than before, and drop what it has no longer; one sync of a source at a time."""
    DataSource.objects.for_org(source.organization).select_for_update(of=("self",)).filter(pk=source.pk).first()
    rows = IndexedValue.objects.for_org(source.organization).filter(data_source=source, table=table, column=column)
    known = dict(rows.values_list("value", "id"))
    gone = [pk for value, pk in known.items() if value not in values]
    for start in range(0, len(gone), BATCH):
        rows.filter(pk__in=gone[start : start + BATCH]).delete()
    new = (
        IndexedValue(
            organization=source.organization,
            data_source=source,
            table=table,
            column=column,
            value=value,
            key=value_key(value)[:LONGEST_KEY],
        )
        for value in sorted(values - set(known))
    )
    IndexedValue.objects.bulk_create(new, batch_size=BATCH)


@lru_cache(maxsize=256)
def _are_many(pk: object, synced_at: object, stored: Unkeyed[DataSource]) -> bool:
    """Whether the source has more values than a process holds; counted no further than that."""
    source = stored.value
    found = IndexedValue.objects.for_org(source.organization).filter(data_source=source)
    return found.values("pk")[: MOST_IN_MEMORY + 1].count() > MOST_IN_MEMORY


@lru_cache(maxsize=32)
def _cached_values(pk: object, synced_at: object, policy: str, seen: Unkeyed[tuple[DataSource, Access]]) -> ValueIndex:
    return MemoryValueIndex(_rows(*seen.value))


def _rows(source: DataSource, access: Access) -> Iterator[tuple[str, str, str]]:
    """Table, column and value of what this person may know of."""
    rows = IndexedValue.objects.for_org(source.organization).filter(data_source=source)
    found = rows.order_by("id").values_list("table", "column", "value").iterator(chunk_size=10_000)
    if access.is_unrestricted:
        return found
    known = access.columns_shown_whole()
    return (row for row in found if row[:2] in known)
