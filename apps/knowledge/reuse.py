"""What verified queries say of a question: the very answer, or examples that are like it."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from apps.common.days import day_in_words
from apps.datasources.access import Access
from apps.datasources.guard import UnsafeSql, check_sql
from apps.knowledge.likeness import Example, likenesses
from apps.knowledge.meaning import Likenesses
from apps.knowledge.models import VerifiedQuery
from apps.knowledge.parameters import Exchanged, same_with_other_constants
from apps.knowledge.schema_changes import changes_touching
from apps.knowledge.values import ValueIndex
from apps.knowledge.verified_queries import key_of

log = structlog.get_logger(__name__)
MOST_KNOWN = 2_000
MOST_TRIED = 5
MOST_EXAMPLES = 3
LEAST_LIKENESS = 0.35
LEAST_FORM = 60  # rapidfuzz's ratio, 0 to 100


@dataclass(frozen=True)
class Reuse:
    """A verified query that answers a question, who stood for it and when, and what was exchanged in it."""

    verified_id: str
    tree: exp.Expr
    verified_by: str
    verified_at: dt.datetime
    swaps: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """What it rests on, for whoever reads the answer."""
        by = f" by {self.verified_by}" if self.verified_by else ""
        told = f"This was verified{by} on {day_in_words(self.verified_at)}"
        exchanged = " and ".join(f"“{now}” in place of “{before}”" for before, now in self.swaps)
        return f"{told}, here with {exchanged}." if exchanged else f"{told}."


@dataclass(frozen=True)
class Known:
    """What verified queries say of one question."""

    reuse: Reuse | None = None
    examples: tuple[Example, ...] = ()


def known_of(question: str, verified: Any, access: Access, values: ValueIndex, alike: Likenesses = likenesses) -> Known:
    """Look among `verified`, the approved ones of a source that this person may see; `alike` says how much a question
    is like known ones.

    What a change of the schema touched counts for nothing, and nothing is reused that this person may not run.
    """
    listed = list(verified.order_by("-id").values_list("pk", "question", "question_key")[:MOST_KNOWN])
    if not listed:
        return Known()
    texts = {pk: known for pk, known, _ in listed}
    same = [pk for pk, _, key in listed if key == key_of(question)]
    usable = _usable(verified, [*same, *_most_alike_in_form(question, texts)], access)
    reuse = next(_reusable(question, list(usable.values()), access, values), None)
    if reuse is not None:
        return Known(reuse)
    like = _most_like(question, texts, alike)
    return Known(examples=tuple(_example(row, like[pk]) for pk, row in _usable(verified, [*like], access).items()))


def _usable(verified: Any, wanted: Sequence[Any], access: Access) -> dict[Any, VerifiedQuery]:
    """Those of the wanted that no change of the schema touched, in the order wanted, each once."""
    rows = {row.pk: row for row in verified.filter(pk__in=wanted).select_related("reviewer")} if wanted else {}
    found = [(pk, rows[pk]) for pk in dict.fromkeys(wanted) if pk in rows]
    return {pk: row for pk, row in found if not changes_touching(row, access.schema)}


def _most_like(question: str, known: Mapping[Any, str], alike: Likenesses) -> dict[Any, float]:
    """The few that speak of the same things, most alike first, with how much they do."""
    scores = alike(question, list(known.values()))
    ranked = sorted(zip(scores, known, strict=True), key=lambda one: -one[0])
    return {pk: score for score, pk in ranked[:MOST_EXAMPLES] if score >= LEAST_LIKENESS}


def _most_alike_in_form(question: str, known: Mapping[Any, str]) -> list[Any]:
    """The few that are worded most alike: what differs may be a constant."""
    found = process.extract(
        question, known, scorer=fuzz.ratio, processor=default_process, score_cutoff=LEAST_FORM, limit=MOST_TRIED
    )
    return [pk for _, _, pk in found]


def _reusable(
    question: str, candidates: Sequence[VerifiedQuery], access: Access, values: ValueIndex
) -> Iterator[Reuse]:
    """What answers the question, the same words before other constants."""
    key = key_of(question)
    for row in candidates:
        found = _exchanged(question, row, row.question_key == key, access, values)
        if found is not None and row.reviewed_at is not None and _may_run(found.tree, access):
            by = row.reviewer.email if row.reviewer else ""
            yield Reuse(str(row.pk), found.tree, by, row.reviewed_at, found.swaps)


def _exchanged(
    question: str, row: VerifiedQuery, has_same_words: bool, access: Access, values: ValueIndex
) -> Exchanged | None:
    try:
        tree = parse_one(row.sql, dialect=access.schema.dialect)
    except (SqlglotError, RecursionError):  # only the source's own parser reads it
        return None
    if has_same_words:
        return Exchanged(tree)
    return same_with_other_constants(question, row.question, tree, access.schema, values)


def _may_run(tree: exp.Expr, access: Access) -> bool:
    dialect = access.schema.dialect
    try:
        check_sql(tree.sql(dialect=dialect), dialect=dialect, access=access, row_limit=settings.PARLEY.sql_row_cap)
    except UnsafeSql as error:
        log.info("verified_query_not_reused", code=error.error_code)
        return False
    return True


def _example(row: VerifiedQuery, likeness: float) -> Example:
    return Example(row.question, row.sql, round(likeness, 4), row.names_values)
