"""A data source as the person who asked for an evaluation may read it at this moment: nothing goes around the guard."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from apps.accounts.principal import Principal
from apps.common.connections import release_connection
from apps.common.errors import AppError
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress
from apps.datasources.execution import Limits, SourceUnavailable, execute
from apps.datasources.footprints import Footprint, footprint
from apps.datasources.guard import SafeSql, check_sql
from apps.datasources.models import DataSource
from apps.datasources.results import ResultSet
from apps.datasources.schema import Schema
from apps.datasources.services import access_of, address_of
from apps.queries.context import Context
from apps.queries.evaluation.compare import Row
from apps.queries.evaluations.models import Evaluation
from apps.queries.outcomes import Refused
from apps.queries.steps.understanding import context_of, principal_now


class TooManyRows(AppError):
    """A result that was cut short cannot be compared."""

    code = "too_many_rows"


@dataclass(frozen=True)
class GuardedDatabase:
    """One person's view of a data source.

    What its guard lets through is kept in `seen`, for the record of what was read; in `away` each time that the source
    did not answer, which says nothing about any SQL.
    """

    source: DataSource
    access: Access
    address: SourceAddress
    cancel: threading.Event
    seen: list[SafeSql] = field(default_factory=list)
    away: list[SourceUnavailable] = field(default_factory=list)

    @property
    def schema(self) -> Schema:
        return self.access.schema

    def context(self, question: str, *, fiscal_year_start_month: int) -> Context:
        """What an engine is told of a question."""
        return context_of(question, self.source, self.access, fiscal_year_start_month=fiscal_year_start_month)

    def check(self, sql: str) -> SafeSql:
        """The SQL with this person's policy written into it. Raises UnsafeSql."""
        safe_sql = check_sql(
            sql, dialect=self.schema.dialect, access=self.access, row_limit=settings.PARLEY.sql_row_cap
        )
        self.seen.append(safe_sql)
        return safe_sql

    def run(self, safe_sql: SafeSql) -> ResultSet:
        """As many rows as the platform ever takes. Raises AppError."""
        environment = settings.PARLEY
        limits = Limits(
            rows=environment.sql_row_cap, bytes=environment.sql_max_bytes, columns=environment.sql_max_columns,
            timeout_seconds=environment.sql_timeout_seconds,
        )  # fmt: skip
        try:
            return execute(safe_sql, self.address, limits=limits, cancel=self.cancel)
        except SourceUnavailable as error:
            self.away.append(error)
            raise

    def known_rows(self, sql: str) -> Sequence[Row]:
        """The rows of the approved SQL, as this person sees them. Raises UnsafeSql and AppError."""
        result = self.run(self.check(sql))
        if result.truncated:
            raise TooManyRows(f"The approved SQL brings more than {result.row_count} rows.")
        return result.rows

    def footprint(self) -> Footprint:
        """What all SQL that was let through reads."""
        return footprint(self.seen, self.access)


def database_now(evaluation: Evaluation, cancel: threading.Event) -> GuardedDatabase:
    """The source with the rights of this moment. Raises Refused if whoever asked may no longer, or it is off."""
    sources = DataSource.objects.for_org(evaluation.organization).select_related("organization")
    source = sources.get(pk=evaluation.data_source_id)
    if not source.is_active:
        raise Refused("This data source is switched off.", code="no_longer_allowed")
    found = database_for(principal_now(evaluation), source, cancel)
    release_connection()
    return found


def database_for(principal: Principal, source: DataSource, cancel: threading.Event) -> GuardedDatabase:
    """The source as this person may read it."""
    access = access_of(principal, source)
    return GuardedDatabase(source, access, address_of(source), cancel)
