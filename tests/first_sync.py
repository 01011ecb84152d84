"""A data source as its first sync left it: tests sync a file once and copy what that read for the sources after it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils import timezone

from apps.accounts.models import Organization
from apps.datasources.models import DataSource, Kind
from apps.datasources.schema import Schema
from apps.datasources.services import create_data_source, sync_data_source
from apps.datasources.stored_schema import load_schema, save_schema
from apps.knowledge.models import IndexedValue, KeyOverlap


@dataclass(frozen=True)
class StoredRows:
    """Rows of one model as JSON, without whose they were: PostgreSQL makes another source's rows of it at once."""

    model: type[models.Model]
    columns: tuple[str, ...]
    json: str

    def store_for(self, source: DataSource) -> None:
        """Insert the rows as the source's, in their order."""
        names = ", ".join(map(connection.ops.quote_name, self.columns))
        table = connection.ops.quote_name(self.model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (id, created_at, organization_id, data_source_id, {names})"
                f" SELECT uuidv7(), now(), %s, %s, {names} FROM json_populate_recordset(NULL::{table}, %s)",
                [source.organization_id, source.pk, self.json],
            )


@dataclass(frozen=True)
class FirstSync:
    """What the first sync of a file stored, without whose it was."""

    schema: Schema
    rows: tuple[StoredRows, ...]


_first: dict[Path, FirstSync] = {}


def synced_source(organization: Organization, file: Path) -> DataSource:
    """The organization's source `sample` over a SQLite file, as after a sync."""
    source = create_data_source(organization=organization, name="sample", kind=Kind.SQLITE, database=str(file))
    if file not in _first:
        sync_data_source(source)
        _first[file] = FirstSync(load_schema(source), (_rows(IndexedValue, source), _rows(KeyOverlap, source)))
        return source
    save_schema(source, _first[file].schema)
    for rows in _first[file].rows:
        rows.store_for(source)
    source.synced_at = timezone.now()
    source.save(update_fields=["synced_at"])
    return source


def _rows(model: Any, source: DataSource) -> StoredRows:
    own = {
        field.column: field.name
        for field in model._meta.concrete_fields
        if not field.generated and field.name not in ("id", "created_at", "organization", "data_source")
    }
    stored = model.objects.for_org(source.organization).filter(data_source=source).order_by("id").values(*own.values())
    rows = [{column: row[name] for column, name in own.items()} for row in stored]
    return StoredRows(model, tuple(own), json.dumps(rows, cls=DjangoJSONEncoder))
