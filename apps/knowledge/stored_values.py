"""Looks values up in our database: for sources whose values are too many to hold in every process."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.db import connection

from apps.datasources.access import Access
from apps.datasources.models import DataSource
from apps.knowledge.models import ENDS
from apps.knowledge.names import STOP_WORDS, lemma
from apps.knowledge.tokens import TokenKind, tokenize
from apps.knowledge.value_names import other_names
from apps.knowledge.values import MAX_CONTAINING, MIN_FUZZY_LENGTH, MemoryValueIndex, value_key

LONGEST_PHRASE = 7
LONGEST_MISSPELLED = 3
MOST_PHRASES = 400
MOST_MISSPELLED = 60
MOST_WORDS = 40
MOST_NEAR = 200
MOST_SAME = 2_000
_PLACE = "v.organization_id = %(organization)s AND v.data_source_id = %(source)s"
_COLUMNS = 'v."table", v."column", v.value'
_SAME = f"""
    SELECT {_COLUMNS} FROM knowledge_indexedvalue AS v WHERE {_PLACE} AND v.key = ANY(%(keys)s) {{visible}}
    LIMIT {MOST_SAME}
"""  # noqa: S608 - put together from constants
_CONTAINING = f"""
    SELECT found.* FROM unnest(%(words)s::text[]) AS said(word), LATERAL (
        (SELECT {_COLUMNS} FROM knowledge_indexedvalue AS v
         WHERE {_PLACE} AND v.first_word = said.word {{visible}} LIMIT {MAX_CONTAINING + 1})
        UNION ALL
        (SELECT {_COLUMNS} FROM knowledge_indexedvalue AS v
         WHERE {_PLACE} AND v.last_word = said.word {{visible}} LIMIT {MAX_CONTAINING + 1})
    ) AS found
"""  # noqa: S608
_NEAR = f"""
    SELECT found.* FROM unnest(%(phrases)s::text[]) AS said(phrase), LATERAL (
        (SELECT {_COLUMNS} FROM knowledge_indexedvalue AS v
         WHERE {_PLACE} AND v.key_start = left(said.phrase, {ENDS})
               AND length(v.key) BETWEEN length(said.phrase) * 0.8 - 1 AND length(said.phrase) * 1.2 + 1 {{visible}}
         LIMIT {MOST_NEAR})
        UNION ALL
        (SELECT {_COLUMNS} FROM knowledge_indexedvalue AS v
         WHERE {_PLACE} AND v.key_end = right(said.phrase, {ENDS})
               AND length(v.key) BETWEEN length(said.phrase) * 0.8 - 1 AND length(said.phrase) * 1.2 + 1 {{visible}}
         LIMIT {MOST_NEAR})
    ) AS found
"""  # noqa: S608
_VISIBLE = 'AND (v."table", v."column") IN (SELECT * FROM unnest(%(tables)s::text[], %(columns)s::text[]))'


def values_for(question: str, source: DataSource, access: Access) -> MemoryValueIndex:
    """A small index of the stored values that anything in this question may mean, and no others.

    Partly said values are found by their first or last word, misspelled ones by either end of their spelling, which one
    slip leaves whole. Every condition is an equality: of these, row security lets indexes be used.
    """
    keys = _keys(question)
    said: dict[str, Any] = {
        "organization": source.organization_id,
        "source": source.pk,
        "keys": [*keys, *{other for key in keys for other in _also(key)}],
        "words": [key for key in keys if " " not in key and len(key) > 1 and key not in STOP_WORDS][:MOST_WORDS],
        "phrases": [key for key in keys if _may_be_misspelled(key)][:MOST_MISSPELLED],
    }
    visible = ""
    if not access.is_unrestricted:
        known = sorted(access.columns_shown_whole())
        said |= {"tables": [table for table, _ in known], "columns": [column for _, column in known]}
        visible = _VISIBLE
    return MemoryValueIndex(
        dict.fromkeys(_rows([one.format(visible=visible) for one in (_SAME, _CONTAINING, _NEAR)], said))
    )


def _rows(statements: Sequence[str], said: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, said)
            yield from cursor.fetchall()


def _keys(question: str) -> list[str]:
    """Keys of all stretches of a question that may be a value: quoted ones, then short ones before long ones."""
    tokens = tokenize(question)
    quoted = [value_key(token.text) for token in tokens if token.kind is TokenKind.QUOTED]
    texts = [token.text for token in tokens if token.kind is not TokenKind.PUNCTUATION]
    found = [
        value_key(" ".join(texts[start : start + length]))
        for length in range(1, LONGEST_PHRASE + 1)
        for start in range(len(texts) - length + 1)
    ]
    return list(dict.fromkeys(key for key in (*quoted, *found) if key and not _is_little(key)))[:MOST_PHRASES]


def _is_little(key: str) -> bool:
    """Whether nothing but little words stand in it."""
    return all(word in STOP_WORDS for word in key.split())


def _also(key: str) -> Collection[str]:
    """The singular of a word, and other names of what it means."""
    return [lemma(key), *other_names(key), *other_names(lemma(key))]


def _may_be_misspelled(key: str) -> bool:
    return len(key) >= MIN_FUZZY_LENGTH and len(key.split()) <= LONGEST_MISSPELLED
