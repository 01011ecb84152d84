"""The whole result of an answered query as a file: its SQL is checked and run again for the person who asks for it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from django.conf import settings
from django.http import StreamingHttpResponse

from apps.accounts.audit import record_audit
from apps.accounts.principal import Principal
from apps.accounts.quotas import Payer
from apps.common.connections import release_connection
from apps.common.errors import Conflict
from apps.datasources.execution import Limits, stream
from apps.datasources.export import FORMATS
from apps.datasources.guard import SafeSql, check_sql
from apps.datasources.results import Row
from apps.datasources.services import access_of, address_of
from apps.datasources.sessions.base import Batch
from apps.queries.export_quota import ExportAccount
from apps.queries.models import Query

__all__ = ["FORMATS", "download"]


class _Rows:
    """Batches of rows as they come, and whether there turned out to be more than came."""

    def __init__(self, batches: Iterable[Batch], safe: SafeSql) -> None:
        self._batches, self._safe = batches, safe
        self._count, self._was_cut = 0, False

    def __iter__(self) -> Iterator[list[Row]]:
        for batch in self._batches:
            self._count += len(batch.rows)
            self._was_cut = batch.truncated
            yield batch.rows

    def is_cut(self) -> bool:
        return self._was_cut or (self._safe.capped and self._count >= self._safe.row_limit)


def download(query: Query, principal: Principal, extension: str) -> StreamingHttpResponse:
    """The result as a file of the format named by `extension`, streamed.

    Raises: Conflict if the query has no result or its source is switched off, UnsafeSql if this person may no longer
    read what it reads, QuotaExceeded if so many rows may not leave.
    """
    run = query.last_run
    if run is None or not run.sql:
        raise Conflict(f"This query is {query.status}; it has no result.", code="no_result")
    source = query.data_source
    if not source.is_active:
        raise Conflict("This data source is switched off.", code="data_source_inactive")
    access = access_of(principal, source)
    safe = check_sql(run.sql, dialect=access.schema.dialect, access=access, row_limit=settings.PARLEY.sql_row_cap)
    address = address_of(source)
    payer = Payer(principal.organization, principal.user, principal.api_key)
    account = ExportAccount(payer, expected=run.result.row_count)
    record_audit(
        "result.exported", principal=principal, target=query,
        format=extension, data_source=str(source.pk), sql=safe.plain,
    )  # fmt: skip
    release_connection()
    environment = settings.PARLEY
    limits = Limits(
        rows=environment.sql_row_cap,
        bytes=environment.sql_max_bytes,
        timeout_seconds=environment.sql_timeout_seconds,
        columns=environment.sql_max_columns,
    )
    batches = stream(safe, address, limits=limits)
    first = next(batches)
    file_format = FORMATS[extension]
    rows = _Rows(chain([first], batches), safe)
    written = file_format.write(first.columns, account.counted(iter(rows)), rows.is_cut)
    response = StreamingHttpResponse(
        _Body(written, [batches.close, account.settle]), content_type=file_format.media_type
    )
    response["X-Result-Row-Limit"] = str(safe.row_limit)
    response["Content-Disposition"] = f'attachment; filename="parley-{query.pk}.{extension}"'
    return response


class _Body:
    """The file's bytes. The web server closes it also when a download was broken off; that ends all of it."""

    def __init__(self, parts: Iterator[bytes], ends: Sequence[Callable[[], None]]) -> None:
        self._parts = parts
        self._ends = ends

    def __iter__(self) -> Iterator[bytes]:
        return self._parts

    def close(self) -> None:
        for end in self._ends:
            end()
