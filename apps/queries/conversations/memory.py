"""Earlier questions that say nearly the same: what was asked and answered before, as far as this person may see it."""

from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import F

from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import TokenKind, tokenize
from apps.queries.models import Query, Status
from apps.queries.seeing import visible_queries

LANGUAGE = "english"
LEAST_SIMILARITY = 0.4
LOOKED_AT = 50
MOST_WORDS = 24


@dataclass(frozen=True)
class AskedBefore:
    """An answered query, and how much of both questions' words they share (1: all)."""

    query: Query
    similarity: float


def asked_before(
    principal: Principal, question: str, *, source: DataSource | None = None, limit: int = 5
) -> list[AskedBefore]:
    """Answered queries whose question is most like this one, likest and latest first, each wording once.

    What was forgotten is not looked at, nor what this person may no longer see.
    """
    words = _words(question)
    if not words:
        return []
    rows = visible_queries(principal).filter(status=Status.ANSWERED, conversation__isnull=False, is_covered=True)
    if source is not None:
        rows = rows.filter(data_source=source)
    wanted = SearchQuery(" | ".join(sorted(words)[:MOST_WORDS]), search_type="raw", config=LANGUAGE)
    vector = SearchVector("question", config=LANGUAGE)
    rows = rows.annotate(vector=vector, rank=SearchRank(vector, wanted)).filter(vector=wanted)
    found = rows.select_related("data_source", "user", "last_run").order_by(F("rank").desc(), "-id")[:LOOKED_AT]
    return _likest(list(found), words)[:limit]


def _words(question: str) -> set[str]:
    """The words that tell questions apart, in the form that the index has of them: letters and digits alone."""
    found = (token for token in tokenize(question) if token.kind is not TokenKind.PUNCTUATION)
    said = {token.lemma.lower() for token in found if token.lemma not in STOP_WORDS}
    return {word for word in said if word.isalnum()}


def _likest(found: list[Query], words: set[str]) -> list[AskedBefore]:
    kept: dict[str, AskedBefore] = {}
    for query in found:
        theirs = _words(query.question)
        similarity = len(words & theirs) / len(words | theirs) if theirs else 0.0
        wording = " ".join(query.question.lower().split()).rstrip("?.!")
        if similarity >= LEAST_SIMILARITY and (wording not in kept or kept[wording].query.pk < query.pk):
            kept[wording] = AskedBefore(query, round(similarity, 3))
    return sorted(kept.values(), key=lambda one: (one.similarity, one.query.pk), reverse=True)
