"""After each sync: verified queries that read what is gone, or is of another type now, need a review."""

import structlog
from django.db import transaction

from apps.accounts.audit import record_audit
from apps.datasources.models import DataSource
from apps.datasources.schema import Schema
from apps.datasources.stored_schema import load_schema
from apps.knowledge.models import VerifiedQuery, VerifiedQueryState

log = structlog.get_logger(__name__)


def review_after_sync(source: DataSource) -> None:
    """Take the mark from what a change of the schema touched; whatever else changed does not count."""
    approved = VerifiedQuery.objects.for_org(source.organization).approved().filter(data_source=source)
    judged_before = approved.exclude(schema_version=source.schema_version)
    if not judged_before.exists():
        return
    schema = load_schema(source)
    for verified in judged_before.only("pk", "reads", "read_types", "organization"):
        if reason := changes_touching(verified, schema):
            _needs_review(verified, source, reason)


def changes_touching(verified: VerifiedQuery, schema: Schema) -> str:
    """In words, what became of what it reads since it was judged; empty where nothing did."""
    tables = {table.full_name: table for table in schema}
    for name, columns in sorted((verified.reads or {}).items()):
        if name not in tables:
            return f"{name} is not there any more."
        types = verified.read_types.get(name, {})
        for column in columns:
            found = tables[name].column(column)
            if found is None:
                return f"{name}.{column} is not there any more."
            if types.get(column, found.native_type) != found.native_type:
                return f"{name}.{column} was {types[column]} and is {found.native_type}."
    return ""


@transaction.atomic
def _needs_review(verified: VerifiedQuery, source: DataSource, reason: str) -> None:
    """Unless somebody changed or retired it meanwhile."""
    rows = VerifiedQuery.objects.for_org(source.organization).filter(pk=verified.pk).approved()
    if rows.update(state=VerifiedQueryState.NEEDS_REVIEW, review_reason=reason[:500]):
        log.warning("verified_query_needs_review", verified_query=str(verified.pk))
        record_audit(
            "verified_query.needs_review", organization=source.organization, target=verified,
            data_source=str(source.pk), reason=reason[:500],
        )  # fmt: skip
