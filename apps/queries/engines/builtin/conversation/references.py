"""Reads what points back at the rows of the last answer: their columns, those among them, what belongs to them."""

import re
from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from apps.clarification.readings import Reading, Reason
from apps.knowledge.catalog import Kind
from apps.queries.context import Context
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.plan import ColumnKey
from apps.queries.engines.builtin.spoken.expressions import AGGREGATES
from apps.queries.engines.builtin.spoken.roles import AGGREGATES as AGGREGATE_WORDS
from apps.queries.engines.builtin.sql import NotJoinable

from .account import described
from .beside import beside, beside_from_afar, goes_beside
from .columns import ASKING, columns_said
from .edits import show
from .extremes import with_columns_compared
from .joining import among
from .nouns import with_noun
from .sources import Subject, column_named, is_aggregated, members, subject_of
from .standing import Standing

SURE = 0.9
KEPT = 0.98  # of the score of what the whole question was read as
KEPT_UNEXPLAINED = 0.6  # where words are left over: "how many children do they have?" counts no pilots
MOST_READINGS = 6
_ADDING = frozenset(("too", "also", "add", "include", "additionally", "well"))
_EACH = re.compile(r"^(?:and )?how many .*\b(?:each|every one) of (?:them|those|these)\b", re.IGNORECASE)
_PICKING = frozenset(
    "how many which who highest lowest most least more than less over under above below largest smallest cheapest "
    "oldest youngest latest earliest longest shortest each per by not never no without".split()
)


def reference_readings(analysis: Analysis, last: Standing, read: Callable[[Context], list[Reading]]) -> list[Reading]:
    """Readings of the rows of the last answer; none where nothing fits."""
    subject = subject_of(last.tree, analysis.catalog)
    if subject is None:
        return []
    if (columns := _only_columns(analysis, subject)) and (tree := _shown(analysis, last, subject, columns)) is not None:
        return [_reading(tree, SURE, last, analysis)]
    if (tree := beside_from_afar(analysis, last, subject)) is not None:
        return [_reading(tree, SURE, last, analysis)]
    if (tree := _counted_for_each(analysis, last, subject)) is not None:
        return [_reading(tree, SURE, last, analysis)]
    question = with_noun(analysis.context.question, subject.table, analysis.catalog)
    question = with_columns_compared(question, subject.table, analysis.catalog)
    readings = []
    for one in read(analysis.context.with_question(question)):
        if isinstance(one.tree, exp.Select):
            tree = among(one.tree, last.tree, subject, analysis.catalog)
            if tree is not None:
                score = one.score * (KEPT_UNEXPLAINED if one.unexplained else KEPT)
                readings.append(replace(one, tree=tree, score=score, assumptions=(_said(last), *one.assumptions)))
    return readings[:MOST_READINGS]


def _counted_for_each(analysis: Analysis, last: Standing, subject: Subject) -> exp.Select | None:
    """ "How many members does each of them have?": how much belongs to each row, beside its name."""
    catalog, text = analysis.catalog, analysis.context.question
    named = catalog.tables[subject.table].name_column
    inside = members(last.tree, subject, catalog)
    tables = {link.table for link in analysis.links if link.column is None and link.quality >= SURE} - {subject.table}
    if not _EACH.search(text) or named is None or inside is None or len(tables) != 1:
        return None
    joins = catalog.joins.joins_between(subject.table, next(iter(tables)))
    identity = inside.expressions[0].name
    if len(joins) != 1 or joins[0].columns != (identity,):
        return None
    of, far = exp.to_table(subject.table), exp.to_table(joins[0].target)
    key, other = (column_named(name, table.alias_or_name) for name, table in (
        (identity, of), (joins[0].target_columns[0], far)))  # fmt: skip
    shown = [column_named(named.name, of.alias_or_name), exp.alias_(exp.Count(this=exp.Star()), "row_count")]
    counted = exp.select(*shown).from_(of).join(far, on=exp.EQ(this=other, expression=key.copy()))
    among_them = exp.In(this=key.copy(), query=inside.subquery())
    return counted.where(among_them).group_by(key.copy(), shown[0].copy()).order_by("row_count DESC")


def _said(last: Standing) -> str:
    return f"This goes on from before, among what answered “{last.question}”."


def _reading(tree: exp.Select, score: float, last: Standing, analysis: Analysis) -> Reading:
    words = described(tree, analysis.catalog) or f"of what answered “{last.question}”"
    return Reading(
        tree, score, (_said(last),), reasons=(Reason("follow-up: columns of its rows", 1.0),), explanation=words
    )


def _only_columns(analysis: Analysis, subject: Subject) -> tuple[ColumnKey, ...]:
    """The columns asked for, where the words ask for nothing else of these rows."""
    words = {token.text.lower() for token in analysis.tokens}
    if any(token.number for token in analysis.tokens):
        return ()
    said = columns_said(
        analysis, [subject.table], ignored=ASKING | set(AGGREGATE_WORDS) | _own_words(analysis, subject)
    )
    if any(span.matches and not said.places.issuperset(range(span.start, span.end)) for span in analysis.spans):
        return ()
    counts = "how" in words and "many" in words
    if counts and all(analysis.catalog.columns[key].kind is not Kind.NUMBER for key in said.columns):
        return ()
    harmless = {"how", "many"} if said.columns else set()
    if {"its", "their", "his", "her"} & words:  # "who is their minister?" asks for a column called so
        harmless = harmless | {"who", "which"}
    if said.left_over or (words & _PICKING) - harmless:
        return ()
    return said.columns


def _own_words(analysis: Analysis, subject: Subject) -> frozenset[str]:
    """How the rows themselves are called."""
    words = analysis.catalog.tables[subject.table].words
    return frozenset([*words, *(f"{word}s" for word in words)])


def _shown(analysis: Analysis, last: Standing, subject: Subject, columns: tuple[ColumnKey, ...]) -> exp.Select | None:
    """These columns of the answer's rows, or reckoned over them, or beside what was shown."""
    words, catalog = [token.text.lower() for token in analysis.tokens], analysis.catalog
    rows = _rows(last, subject, analysis)
    if rows is None:
        return None
    function = next((AGGREGATE_WORDS[word] for word in words if word in AGGREGATE_WORDS), None)
    adds = _ADDING & set(words) or (function is None and goes_beside(words, columns, last.tree, subject, catalog))
    if adds and not is_aggregated(last.tree):
        return beside(last.tree, columns, catalog)
    tree = show(rows, list(columns), catalog)
    if tree is None or function is None or len(columns) != 1:
        return tree
    tree = tree.copy()
    if tree.args.get("limit"):
        return None
    inner = tree.expressions[0].unalias().copy()
    tree.set("expressions", [exp.alias_(AGGREGATES[function](this=inner), f"{function}_{columns[0][1]}".lower())])
    tree.set("order", None)
    tree.set("distinct", None)
    return tree


def _rows(last: Standing, subject: Subject, analysis: Analysis) -> exp.Select | None:
    """The answer as single rows of its subject: as it is, or by the identifiers of what was grouped or pointed out."""
    select, catalog = last.tree, analysis.catalog
    if not select.args.get("group"):
        return select
    identity, inside = catalog.tables[subject.table].id_column, members(select, subject, catalog)
    if identity is None or inside is None:
        return None
    plain = exp.select("*").from_(exp.to_table(subject.table))
    try:
        return among(plain, select, subject, catalog)
    except NotJoinable:
        return None
