"""The guard: one statement in, text that only reads what this person may read out, or a refusal."""

from apps.datasources.access import Access
from apps.datasources.guard.dialects import rules_for
from apps.datasources.guard.nesting import check_text
from apps.datasources.guard.postgres_guard import check_with_libpg_query
from apps.datasources.guard.safe_sql import SafeSql
from apps.datasources.guard.sqlglot_guard import check_with_sqlglot
from apps.datasources.guard.statements import check_one_statement
from apps.datasources.guard.verdicts import VerdictCache, fingerprint

DEFAULT_ROW_LIMIT = 10_000

_verdicts = VerdictCache()


def check_sql(sql: str, *, dialect: str, access: Access | None = None, row_limit: int = DEFAULT_ROW_LIMIT) -> SafeSql:
    """Judge one statement and release the text that may run, with at most `row_limit` rows.

    Without `access` tables and columns are not looked up; everything else is judged. Verdicts are remembered by text,
    access, dialect and row limit. Raises UnsafeSql, whose `error_code` is one of `Refusal`.
    """
    check_text(sql)
    key = (dialect, row_limit, fingerprint(access))
    return _verdicts.judge(sql, key, lambda: _judged(sql, dialect, access, row_limit))


def _judged(sql: str, dialect: str, access: Access | None, row_limit: int) -> SafeSql:
    rules = rules_for(dialect)
    check_one_statement(sql)
    check = check_with_libpg_query if dialect == "postgres" else check_with_sqlglot
    return check(sql, rules=rules, access=access, row_limit=row_limit)
