"""Writes on verified queries: propose, change, approve, retire. Their SQL passes the guard as whoever acts may read."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from sqlglot import parse_one
from sqlglot.errors import SqlglotError
from sqlglot.expressions import EQ, NEQ, In, Literal

from apps.accounts.audit import record_audit
from apps.accounts.principal import Principal
from apps.common.errors import Conflict
from apps.datasources.footprints import footprint
from apps.datasources.guard import check_sql
from apps.datasources.models import DataSource
from apps.datasources.schema import Schema
from apps.datasources.services import access_of
from apps.knowledge.models import VerifiedQuery, VerifiedQueryState

CONTENT = frozenset({"question", "sql"})  # what a reviewer stood for; labels are not


def propose_verified_query(
    *, principal: Principal, source: DataSource, question: str, sql: str, difficulty: str = "", question_class: str = ""
) -> VerifiedQuery:
    """Write down a question with its SQL, for somebody to approve. Raises UnsafeSql if this person may not run it."""
    verified = VerifiedQuery(
        organization=principal.organization, data_source=source, question=question, sql=sql, author=principal.user,
        difficulty=difficulty, question_class=question_class, question_key=key_of(question),
    )  # fmt: skip
    _judge(verified, principal)
    with transaction.atomic():
        verified.save()
        record_audit("verified_query.proposed", principal=principal, target=verified, **_told(verified))
    return verified


@transaction.atomic
def change_verified_query(verified: VerifiedQuery, *, principal: Principal, **fields: Any) -> VerifiedQuery:
    """Change it; another question or other SQL has to be approved anew. A retired one is proposed again by it.

    Raises: UnsafeSql if this person may not run the SQL.
    """
    locked = _locked(verified)
    changed = {name: value for name, value in fields.items() if getattr(locked, name) != value}
    for name, value in changed.items():
        setattr(locked, name, value)
    if CONTENT & set(changed) or locked.state == VerifiedQueryState.RETIRED:
        locked.question_key = key_of(locked.question)
        locked.state, locked.reviewer, locked.reviewed_at = VerifiedQueryState.PROPOSED, None, None
        locked.review_reason = ""
        locked.author = principal.user
        _judge(locked, principal)
    locked.save()
    record_audit("verified_query.changed", principal=principal, target=locked, changed=sorted(changed), **_told(locked))
    return locked


@transaction.atomic
def approve_verified_query(verified: VerifiedQuery, *, principal: Principal) -> VerifiedQuery:
    """Stand for a proposed one, or one that a change of the schema touched.

    Raises: UnsafeSql if this person may not run its SQL, Conflict if it is not proposed any more, changed since it was
    read, or the question has an approved one.
    """
    locked = _locked(verified)
    if locked.state not in (VerifiedQueryState.PROPOSED, VerifiedQueryState.NEEDS_REVIEW):
        raise Conflict(f"This verified query is {locked.state} already.", code="not_proposed")
    if (locked.question, locked.sql) != (verified.question, verified.sql):
        raise Conflict("It was changed meanwhile; read it again.", code="changed_meanwhile")
    _judge(locked, principal)
    locked.state, locked.reviewer, locked.review_reason = VerifiedQueryState.APPROVED, principal.user, ""
    locked.reviewed_at = timezone.now()
    try:
        with transaction.atomic():
            locked.save()
    except IntegrityError as error:
        raise Conflict("This question has an approved verified query; retire it first.", code="already_one") from error
    record_audit("verified_query.approved", principal=principal, target=locked, **_told(locked))
    return locked


@transaction.atomic
def retire_verified_query(verified: VerifiedQuery, *, principal: Principal) -> VerifiedQuery:
    """Take it out of use; it stays on record. Raises Conflict if it is retired already."""
    locked = _locked(verified)
    if locked.state == VerifiedQueryState.RETIRED:
        raise Conflict("This verified query is retired already.", code="not_in_use")
    locked.state = VerifiedQueryState.RETIRED
    locked.save()
    record_audit("verified_query.retired", principal=principal, target=locked, **_told(locked))
    return locked


def key_of(question: str) -> str:
    """Equal for questions that differ only in case, spaces and the mark at their end."""
    words = " ".join(question.casefold().split()).rstrip("?!. ")
    return hashlib.sha256(words.encode()).hexdigest()


def _judge(verified: VerifiedQuery, principal: Principal) -> None:
    """Have the guard judge the SQL for this person, and note what it reads. Raises UnsafeSql."""
    source = verified.data_source
    access = access_of(principal, source)
    safe_sql = check_sql(
        verified.sql, dialect=access.schema.dialect, access=access, row_limit=settings.PARLEY.sql_row_cap
    )
    read = footprint([safe_sql], access)
    verified.policy, verified.reads, verified.limits = access.policy, read.reads, read.limits
    verified.names_values = _names_values(verified.sql, access.schema.dialect)
    verified.schema_version = source.schema_version
    verified.read_types = _types_of(read.reads, access.schema)


def _types_of(reads: Mapping[str, Sequence[str]], schema: Schema) -> dict[str, dict[str, str]]:
    """The source's own name of the type of each column that is read."""
    tables = {table.full_name: table for table in schema if table.full_name in reads}
    return {
        name: {column: found.native_type for column in reads[name] if (found := table.column(column))}
        for name, table in tables.items()
    }


def _names_values(sql: str, dialect: str) -> bool:
    """Whether SQL has text in it that rows may hold, or a number that may be somebody's key; what only the source's own
    parser can read counts as if it had.
    """
    try:
        return any(_may_name_a_value(one) for one in parse_one(sql, dialect).find_all(Literal))
    except (SqlglotError, RecursionError):
        return True


def _may_name_a_value(literal: Literal) -> bool:
    if literal.is_string:
        return True
    return literal.this not in ("0", "1") and isinstance(literal.parent, EQ | NEQ | In)


def _locked(verified: VerifiedQuery) -> VerifiedQuery:
    """The row as it is now, locked until the transaction ends."""
    rows = VerifiedQuery.objects.for_org(verified.organization).select_for_update(of=("self",))
    found: VerifiedQuery = rows.select_related("data_source", "organization", "author", "reviewer").get(pk=verified.pk)
    return found


def _told(verified: VerifiedQuery) -> dict[str, Any]:
    """For the audit log. The SQL's words stay in the row; the log says which text it was."""
    return {
        "data_source": str(verified.data_source_id),
        "question": verified.question[:200],
        "sql_sha256": hashlib.sha256(verified.sql.encode()).hexdigest(),
    }
