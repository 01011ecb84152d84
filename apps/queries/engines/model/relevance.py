"""Which stored values and which tables a question speaks of, to decide what a prompt holds."""

import re
from collections.abc import Iterator, Mapping, Sequence

from apps.common.identity import kept_by_identity
from apps.datasources.schema import Schema, Table
from apps.knowledge.catalog import catalog_of
from apps.knowledge.linking import tables_for
from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import tokenize
from apps.knowledge.values import ValueMatch
from apps.queries.context import Context

MOST_WORDS = 60
LONGEST_PHRASE = 4
LONGEST_INEXACT_PHRASE = 2
MOST_VALUES = 20
LEAST_SCORE = 0.65
MOST_LINKED = 60
SURELY_MEANT = 12  # the best of them: what these refer to matters more than what is linked after them
WORD = re.compile(r"\w[\w'-]*")


def values_named(context: Context) -> list[ValueMatch]:
    """The stored values that the question may name, in columns that this person may see, best first."""
    found: dict[tuple[str, str, str], ValueMatch] = {}
    for phrase, is_short in _phrases(context.question):
        for match in (
            context.values.find(phrase, limit=5) if is_short else context.values.find(phrase, limit=5, exact=True)
        ):
            place = (match.table, match.column, match.value)
            if is_meant(match, context.schema):
                found[place] = max(found.get(place, match), match, key=lambda one: one.score)
    return sorted(found.values(), key=lambda one: -one.score)[:MOST_VALUES]


def _phrases(question: str) -> Iterator[tuple[str, bool]]:
    """Stretches of the question, and whether they are short enough to look for near spellings."""
    words = WORD.findall(question)[:MOST_WORDS]
    for length in range(LONGEST_PHRASE, 0, -1):
        for start in range(len(words) - length + 1):
            stretch = words[start : start + length]
            if any(word.lower() not in STOP_WORDS for word in stretch):
                yield " ".join(stretch), length <= LONGEST_INEXACT_PHRASE


def is_meant(match: ValueMatch, schema: Schema) -> bool:
    """Whether a match is near enough, and in a column that this person may see."""
    table = _tables(schema).get(match.table)
    return match.score >= LEAST_SCORE and table is not None and table.column(match.column) is not None


@kept_by_identity(maxsize=128)
def _tables(schema: Schema) -> Mapping[str, Table]:
    return {table.full_name: table for table in schema}


def tables_by_relevance(context: Context, values: Sequence[ValueMatch]) -> list[Table]:
    """All tables of the schema: those named first, then those whose values are, each lot with what it refers to."""
    schema, by_name = context.schema, _tables(context.schema)
    words = " ".join([*(turn.question for turn in context.history[-2:]), context.question])
    linked = tables_for(tokenize(words), catalog_of(schema), MOST_LINKED)
    values_in = [match.table for match in values]
    lots = (linked[:SURELY_MEANT], values_in, linked[SURELY_MEANT:])
    order = dict.fromkeys(name for lot in lots for name in (*lot, *_targets(lot, schema)))
    return [by_name[name] for name in dict.fromkeys([*order, *by_name]) if name in by_name]


def _targets(names: Sequence[str], schema: Schema) -> Iterator[str]:
    """The tables that these refer to."""
    tables = _tables(schema)
    for table in (tables[name] for name in names if name in tables):
        for key in table.foreign_keys:
            if target := schema.table(key.target_table, key.target_namespace or table.namespace):
                yield target.full_name
