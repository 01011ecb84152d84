"""Trying a data source for a person: failures tell as little by their time as by their words."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from apps.common.connections import release_connection
from apps.common.errors import AppError
from apps.datasources.address import SourceKind
from apps.datasources.models import DataSource

_UNTESTED = frozenset({SourceKind.TSQL, SourceKind.SNOWFLAKE, SourceKind.BIGQUERY, SourceKind.TRINO})


@contextmanager
def even_failures() -> Iterator[None]:
    """Errors leave the block after SOURCE_TEST_SECONDS only: closed, filtered and foreign ports look alike."""
    started = time.monotonic()
    try:
        yield
    except AppError:
        release_connection()
        time.sleep(max(0.0, settings.PARLEY.source_test_seconds - (time.monotonic() - started)))
        raise


def notes_on(source: DataSource) -> list[str]:
    """What a person should know about this kind of source, or this source's settings."""
    notes = []
    if SourceKind(source.kind) in _UNTESTED:
        notes.append("This kind of source was never run against a real engine by us; see docs/data-sources.md.")
    if source.write_override:
        notes.append("An owner allowed a role that can write; only the session and the guard keep it to reading.")
    if SourceKind(source.kind).is_file:
        notes.append("The file may be writable; it is opened for reading only, in a process that cannot write.")
    return notes
