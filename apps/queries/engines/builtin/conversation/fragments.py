"""Reads a piece of a question ("only Germany", "by month", "without cancelled") into the SQL of the last answer."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlglot import exp

from apps.clarification.readings import Reading
from apps.queries.context import Context
from apps.queries.engines.builtin.analysis import Analysis

from .account import SURE, going_on, words_of
from .joining import grouped, narrowed, negated
from .nouns import noun_of
from .pieces import BY, NARROWING, NOT, PREPOSITIONS, rest_of
from .sources import Sources, select_from, subject_of
from .standing import Standing

KEPT = 0.97
LEAST = 0.69  # of all readings of the piece together: less sure ones would hide that it was not understood
MOST_READINGS = 6


def fragment_readings(
    analysis: Analysis, last: Standing, read: Callable[[Context], list[Reading]], *, exchanges: bool | None = None
) -> list[Reading]:
    """The piece read in a small question of its own about the same rows, and what it says there put into the SQL."""
    select, catalog = last.tree, analysis.catalog
    subject = subject_of(select, catalog)
    if subject is None:
        return []
    question = analysis.context.question
    replaces = exchanges if exchanges is not None else not NARROWING.search(question)
    base = next(iter(Sources(select, catalog).tables.values()), subject.table)
    rest, noun = rest_of(question), noun_of(base, catalog)
    if found := NOT.search(rest):
        return _all_but(rest[found.end() :], noun, last, analysis, read)
    for asked in _questions(rest, noun):
        readings = [one for one in read(analysis.context.with_question(asked)) if not one.unexplained]
        put = list(_put_in(readings, last, analysis, replaces=replaces))
        if sum(one.score for one in put) >= LEAST:
            return put[:MOST_READINGS]
    return []


def _all_but(
    what: str, noun: str, last: Standing, analysis: Analysis, read: Callable[[Context], list[Reading]]
) -> list[Reading]:
    """ "Without cancelled ones": what the words mean, turned round."""
    for asked in _questions(re.sub(r"^(?:those|the ones|ones|any|all)\b\s*", "", what), noun):
        readings = [one for one in read(analysis.context.with_question(asked)) if not one.unexplained]
        turned = [
            replace(one, tree=tree)
            for one in readings
            if isinstance(one.tree, exp.Select) and (tree := negated(one.tree)) is not None
        ]
        put = list(_put_in(turned, last, analysis, replaces=False))
        if sum(one.score for one in put) >= LEAST:
            return put[:MOST_READINGS]
    return []


def _questions(rest: str, noun: str) -> Iterator[str]:
    """The piece within a whole question, in the ways that one would say it."""
    yield f"How many {noun} {rest}"
    if not BY.search(rest) and rest.split()[0].lower() not in PREPOSITIONS:
        yield f"How many {noun} are {rest}?"
        yield f"How many {noun} from {rest}"
        yield f"How many {noun} with {rest}"
        yield f"How many {noun} have {rest}?"


def _put_in(readings: list[Reading], last: Standing, analysis: Analysis, *, replaces: bool) -> Iterator[Reading]:
    """Each reading's conditions or groups in the earlier SQL; of several meanings those it reads already."""
    catalog = analysis.catalog
    found = []
    for one in readings:
        if not isinstance(one.tree, exp.Select) or select_from(one.tree) is None:
            continue
        tree: exp.Select | None
        if one.tree.args.get("group"):
            tree = grouped(last.tree, one.tree, catalog, replaces="instead" in analysis.context.question.lower())
            if tree is not None and one.tree.args.get("where") is not None:
                tree = narrowed(tree, one.tree, catalog, exchanges=replaces)
        else:
            tree = narrowed(last.tree, one.tree, catalog, exchanges=replaces)
        if tree is not None:
            assumptions = (going_on(last), *one.assumptions)
            words = words_of(tree, last, analysis)
            found.append(replace(one, tree=tree, score=one.score * KEPT, assumptions=assumptions, explanation=words))
    known = [one for one in found if _columns(one.tree) <= _columns(last.tree)]
    if known and len(found) > 1 and found[0].choices:
        total, left = sum(one.score for one in found), sum(one.score for one in known)
        found = [replace(one, score=min(SURE, one.score * total / left), choices=()) for one in known]
    yield from found


def _columns(tree: exp.Expr) -> set[str]:
    return {column.name.lower() for column in tree.find_all(exp.Column)}
