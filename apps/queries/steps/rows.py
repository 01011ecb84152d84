"""The rows of released SQL: read from the data source, or kept from the same SQL not long ago.

Kept are rows of one data source under one policy: SQL, policy, schema, address and last sync are the key, so whatever
of them changes drops what was kept. How old rows may be is set per data source, else by the installation.
"""

import threading
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.datasources.execution import Limits, execute
from apps.datasources.guard import SafeSql
from apps.datasources.kept_results import Fetched, NotKeepable, from_kept, to_kept
from apps.datasources.results import ResultSet
from apps.monitoring.caches import SealedCache
from apps.queries.steps.understanding import Understanding

CACHE = SealedCache("results")


def fetch(safe_sql: SafeSql, understanding: Understanding, limits: Limits, lost: threading.Event) -> Fetched:
    """The rows of this SQL, at most `limits.rows`. Raises AppError of the execution."""
    freshness = understanding.freshness
    key = _key(safe_sql, understanding, limits)
    if freshness.takes_kept and (kept := CACHE.get(freshness.organization, key)):
        read_at = datetime.fromisoformat(kept["read_at"])
        if timezone.now() - read_at <= timedelta(seconds=freshness.seconds):  # it may be less than when it was kept
            return Fetched(from_kept(kept["result"]), read_at, is_kept=True)
    read_at = timezone.now()
    result = execute(safe_sql, understanding.address, limits=limits, cancel=lost)
    if freshness.seconds:
        _keep(key, result, read_at, understanding)
    return Fetched(result, read_at)


def _keep(key: Any, result: ResultSet, read_at: datetime, understanding: Understanding) -> None:
    try:
        value = {"result": to_kept(result), "read_at": read_at.isoformat()}
    except NotKeepable:
        return
    CACHE.put(understanding.freshness.organization, key, value, seconds=understanding.freshness.seconds)


def _key(safe_sql: SafeSql, understanding: Understanding, limits: Limits) -> list[Any]:
    access = understanding.access
    return [
        understanding.freshness.source, access.schema.version, access.policy, safe_sql.text,
        limits.rows, limits.bytes, limits.columns,
    ]  # fmt: skip
