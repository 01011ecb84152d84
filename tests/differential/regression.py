"""PostgreSQL's own regression suite, statement by statement: what changes state is refused, what only reads is not.

The suite itself is not here; its `sql` folder is handed over. Each file runs as superuser in a database of its own.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from apps.common.errors import AppError
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.execution import execute
from apps.datasources.guard import SafeSql, UnsafeSql, check_sql
from apps.datasources.guard.libpg_query import ParseFailed, parse
from apps.datasources.schema import Schema
from apps.datasources.sessions import sessions
from apps.datasources.sessions.base import Limits
from tests.differential.reads import foreign_names, is_read_of_tables
from tests.differential.scripts import ScriptStatement, statements_of
from tests.differential.server import drop_database, make_database
from tests.differential.state import server_state, session_state
from tests.differential.visible import visible_access

# Files whose tables the others use, in this order; the rest follow by name.
FIRST = ("test_setup", "create_misc", "create_operator", "create_table", "create_type", "create_index", "create_view")
_TEMPLATE = "regression_template"
_LIMITS = Limits(rows=500, timeout_seconds=5)
_CHANGES_SCHEMA = re.compile(
    r"\s*(create|alter|drop|set|reset|rollback|abort|begin|start|end|commit|do|call|import|select.*\binto\b|refresh)\b",
    re.IGNORECASE | re.DOTALL,
)
# The suite's own tables of a thousand and ten thousand rows come from files; these rows are like them.
_FILLED = """
    INSERT INTO {table} SELECT (i * 7919) % {rows}, i, i % 2, i % 4, i % 10, i % 20, i % 100, i % 1000, i % 2000,
        i % 5000, i, i % 200, i % 200 + 1, 'A' || chr(65 + i % 26) || 'AAAA', 'B' || chr(65 + i % 26) || 'AAAA',
        (ARRAY['AAAAxx', 'HHHHxx', 'OOOOxx', 'VVVVxx'])[1 + i % 4]
    FROM generate_series(0, {rows} - 1) AS i
"""


@dataclass
class Report:
    """What was found, over all files."""

    statements: int = 0
    allowed: int = 0
    changed: list[str] = field(default_factory=list)
    reads: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def refused_share(self) -> float:
        return len(self.refused) / self.reads if self.reads else 0.0

    def lines(self) -> Iterator[str]:
        """The report for people."""
        yield f"{self.statements} statements, {self.allowed} allowed, {len(self.changed)} of these changed something"
        yield f"{self.reads} reads in policy, {len(self.refused)} refused: {self.refused_share:.2%}"
        yield from (f"  {count:5} {code}" for code, count in Counter(code for _, code, _ in self.refused).most_common())
        yield from (f"CHANGED {text}" for text in self.changed)


def run_suite(folder: Path, url: str, only: tuple[str, ...] = ()) -> Report:
    """Run all files of the folder, or those named."""
    report = Report()
    make_database(url, _TEMPLATE)
    _run_files([folder / f"{name}.sql" for name in FIRST], url, _TEMPLATE, Report() if only else report)
    for file in sorted(folder.glob("*.sql")):
        if file.stem in FIRST or (only and file.stem not in only):
            continue
        make_database(url, "regression", _TEMPLATE)
        try:
            _run_files([file], url, "regression", report)
        finally:
            sessions.close("regression")
            drop_database(url, "regression")
    return report


def _run_files(files: list[Path], url: str, database: str, report: Report) -> None:
    for file in files:
        with _File(url, database, file.stem, report) as running:
            for statement in statements_of(file.read_text(encoding="utf-8", errors="replace")):
                running.take(statement)
    sessions.close(database)


class _File:
    """One file while it runs: `flow` runs it as it stands, `plain` runs again what the guard releases."""

    def __init__(self, url: str, database: str, name: str, report: Report) -> None:
        self.name = name
        self.report = report
        self.url = url
        self.database = database
        self.address = _address(url, database)
        self.is_stale = True
        self.access = Access(Schema("postgres", (), "public"))
        self.foreign: frozenset[str] = frozenset()

    def __enter__(self) -> "_File":
        self.flow = self._connect()
        self.plain = self._connect()
        self.observer = self._connect()
        self.server = server_state(self.observer)
        self.session = session_state(self.plain)
        return self

    def __exit__(self, *_: object) -> None:
        if self.name == "test_setup":
            for table, rows in (("onek", 1_000), ("tenk1", 10_000)):
                self.plain.execute(_FILLED.format(table=table, rows=rows))
        for connection in (self.flow, self.plain, self.observer):
            connection.close()

    def _connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(
            self.url,
            dbname=self.database,
            autocommit=True,
            options="-c statement_timeout=5s -c lock_timeout=1s -c client_min_messages=error",
            prepare_threshold=None,
        )

    def take(self, statement: ScriptStatement) -> None:
        """Judge one statement, try it where it was released, and let the file go on with it."""
        self.report.statements += 1
        if self.flow.closed or self.flow.info.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
            self.flow.close()
            self.flow = self._connect()
        self._refresh()
        verdict = self._verdict(statement.sql)
        if isinstance(verdict, SafeSql):
            self.report.allowed += 1
            self._try(verdict, statement.sql)
        has_run = self._go_on(statement)
        if not self._has_changed_server() and has_run and self._is_in_policy(statement.sql):
            self.report.reads += 1
            if isinstance(verdict, UnsafeSql):
                self.report.refused.append((self.name, str(verdict.error_code), f"{verdict.message} | {statement.sql}"))
        self.is_stale = self.is_stale or bool(_CHANGES_SCHEMA.match(statement.sql))

    def _verdict(self, text: str) -> SafeSql | UnsafeSql:
        try:
            return check_sql(text, dialect="postgres", access=self.access)
        except UnsafeSql as error:
            return error

    def _refresh(self) -> None:
        if not self.is_stale or self.flow.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
            return
        try:
            self.access = visible_access(self.flow)
            self.foreign = foreign_names(self.flow)
            path = self.flow.execute("SHOW search_path").fetchone()
            self.plain.execute("SELECT set_config('search_path', %s, false)", path)
            self.session = session_state(self.plain)
            self.is_stale = False
        except psycopg.Error:
            return

    def _is_in_policy(self, text: str) -> bool:
        try:
            trees = parse(text)
        except ParseFailed:
            return False
        return len(trees) == 1 and is_read_of_tables(trees[0]["stmt"], self.access, self.foreign)

    def _try(self, safe: SafeSql, text: str) -> None:
        """Run what was released, first where nothing holds it back, then as the product does."""
        try:
            self.plain.execute(safe.text.encode(), prepare=True)
        except psycopg.Error:
            if self.plain.closed:
                self.plain = self._connect()
        session = session_state(self.plain)
        if self._has_changed_server() or session != self.session:
            self.report.changed.append(f"{self.name}, unguarded: {text}")
        self.session = session
        with suppress(AppError):
            execute(safe, self.address, limits=_LIMITS)
        if self._has_changed_server():
            self.report.changed.append(f"{self.name}, in the session: {text}")

    def _has_changed_server(self) -> bool:
        """Whether the server's state is another than when this was last asked."""
        known = self.server
        with suppress(psycopg.errors.LockNotAvailable):  # a transaction of the file holds one of its own sequences
            self.server = server_state(self.observer)
        return known != self.server

    def _go_on(self, statement: ScriptStatement) -> bool:
        """Run the statement where the file is; whether it went well."""
        try:
            if statement.rows is None:
                self.flow.execute(statement.sql.encode(), prepare=False)
            else:
                with self.flow.cursor().copy(statement.sql.encode()) as copy:
                    copy.write(statement.rows)
        except (psycopg.Error, UnicodeError):
            return False
        return True


def _address(url: str, database: str) -> SourceAddress:
    parts = conninfo_to_dict(url)
    return SourceAddress(
        database, SourceKind.POSTGRES, host=str(parts["host"]), database=database, user=str(parts["user"])
    )
