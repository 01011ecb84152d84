"""Keeping how far values confirm inferred joins: measured after each sync, told to whoever sees both columns whole."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import structlog
from django.db import transaction

from apps.common.connections import release_connection
from apps.common.identity import Unkeyed
from apps.datasources.access import Access
from apps.datasources.execution import Limits, execute
from apps.datasources.guard import check_sql
from apps.datasources.models import DataSource
from apps.datasources.results import Row
from apps.datasources.schema import Overlap, Schema
from apps.datasources.services import address_of
from apps.datasources.stored_schema import load_schema
from apps.knowledge.models import KeyOverlap
from apps.knowledge.overlap import measured

log = structlog.get_logger(__name__)
_PROBE_LIMITS = Limits(rows=1, timeout_seconds=1)


def measure_overlaps(source: DataSource) -> None:
    """Try the values of the source's inferred joins, and keep what that says in place of what was known."""
    schema, address = load_schema(source), address_of(source)
    access = Access(schema)

    def run(sql: str) -> Sequence[Row]:
        safe = check_sql(sql, dialect=schema.dialect, access=access, row_limit=1)
        return execute(safe, address, limits=_PROBE_LIMITS).rows

    release_connection()
    overlaps = measured(schema, run)
    _keep(source, overlaps)
    log.info("overlaps_measured", data_source=source.name, overlaps=len(overlaps))


def schema_with_overlaps(source: DataSource, access: Access) -> Schema:
    """What this person sees of the source, with what is known of its inferred joins.

    Only between columns that they see as they are, in all rows: a share tells about the values that it was taken from.
    """
    return _cached_schema(source.pk, source.schema_version, source.synced_at, access.policy, Unkeyed((source, access)))


@transaction.atomic
def _keep(source: DataSource, overlaps: Sequence[Overlap]) -> None:
    """Replace what was known; one sync of a source at a time."""
    DataSource.objects.for_org(source.organization).select_for_update(of=("self",)).filter(pk=source.pk).first()
    KeyOverlap.objects.for_org(source.organization).filter(data_source=source).delete()
    KeyOverlap.objects.bulk_create(
        KeyOverlap(
            organization=source.organization,
            data_source=source,
            table=one.table,
            column=one.column,
            target=one.target,
            target_column=one.target_column,
            share=one.share,
            sampled=one.sampled,
        )
        for one in overlaps
    )


@lru_cache(maxsize=128)
def _cached_schema(
    pk: object, version: str, synced_at: object, policy: str, seen: Unkeyed[tuple[DataSource, Access]]
) -> Schema:
    """Always the same object for the same person's view, so that what is prepared of it is prepared once."""
    source, access = seen.value
    whole = access.columns_shown_whole()
    stored = KeyOverlap.objects.for_org(source.organization).filter(data_source=source).order_by("id")
    overlaps = tuple(
        Overlap(one.table, one.column, one.target, one.target_column, one.share, one.sampled)
        for one in stored
        if {(one.table, one.column), (one.target, one.target_column)} <= whole
    )
    return replace(access.schema, overlaps=overlaps) if overlaps else access.schema
