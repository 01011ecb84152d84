"""A data source as its first sync left it: tests sync a file once and copy what that read for the sources after it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from apps.accounts.models import Organization
from apps.datasources.models import DataSource, Kind
from apps.datasources.schema import Schema
from apps.datasources.services import create_data_source, sync_data_source
from apps.datasources.stored_schema import load_schema, save_schema
from apps.knowledge.models import IndexedValue, KeyOverlap


@dataclass(frozen=True)
class FirstSync:
    """What the first sync of a file stored, without whose it was."""

    schema: Schema
    values: list[dict[str, Any]]
    overlaps: list[dict[str, Any]]


_first: dict[Path, FirstSync] = {}


def synced_source(organization: Organization, file: Path) -> DataSource:
    """The organization's source `sample` over a SQLite file, as after a sync."""
    source = create_data_source(organization=organization, name="sample", kind=Kind.SQLITE, database=str(file))
    if file not in _first:
        sync_data_source(source)
        _first[file] = FirstSync(load_schema(source), _rows(IndexedValue, source), _rows(KeyOverlap, source))
        return source
    known = _first[file]
    save_schema(source, known.schema)
    for model, rows in ((IndexedValue, known.values), (KeyOverlap, known.overlaps)):
        model.objects.bulk_create(model(organization=organization, data_source=source, **row) for row in rows)
    source.synced_at = timezone.now()
    source.save(update_fields=["synced_at"])
    return source


def _rows(model: Any, source: DataSource) -> list[dict[str, Any]]:
    own = [
        field.name
        for field in model._meta.concrete_fields
        if not field.generated and field.name not in ("id", "created_at", "organization", "data_source")
    ]
    return list(model.objects.for_org(source.organization).filter(data_source=source).values(*own))
