"""Puts the grammar's readings before the learned ones, where the grammar accounts for every word."""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from apps.clarification.readings import Reading
from apps.knowledge.names import root
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.gold import NotAPlan, read_plan

LEARNED_SHARE = 0.3
DOUBT = 0.6
SURE_ENOUGH = 0.65
_NARROWING = (exp.Where, exp.Having, exp.Group)
_SUPERLATIVES = ("best-", "worst-", "top-")
_OPPOSITES = ("un", "non-", "non")


def strange_words(analysis: Analysis) -> list[str]:
    """Words that turn round or judge what the data knows ("unpaid", "best-selling"), and that nothing explains."""
    held = {place for span in analysis.spans if span.matches for place in range(span.start, span.end)}
    return [
        token.lemma
        for place, token in enumerate(analysis.tokens)
        if place not in held and not analysis.best_quality.get(place) and _is_strange(token.text.lower(), analysis)
    ]


def _is_strange(word: str, analysis: Analysis) -> bool:
    opposite = next((word.removeprefix(one) for one in _OPPOSITES if word.startswith(one)), "")
    return word.startswith(_SUPERLATIVES) or (len(opposite) > 2 and root(opposite) in analysis.catalog.tables_by_word)


def merged(spoken: Sequence[Reading], learned: Sequence[Reading], analysis: Analysis, limit: int) -> list[Reading]:
    """At most `limit` readings; learned ones are kept beneath the rank of rivals, and each SQL comes once.

    Where the grammar says nothing, a word such as "unpaid", whose opposite alone is known, leaves doubt.
    """
    if not spoken:
        return [replace(one, score=one.score * DOUBT) for one in learned] if strange_words(analysis) else list(learned)
    texts = {reading.tree.sql() for reading in spoken}
    ceiling = LEARNED_SHARE * min(reading.score for reading in spoken)
    others = [replace(one, score=min(one.score, ceiling)) for one in learned if one.tree.sql() not in texts]
    if learned and _is_second_opinion(learned[0], spoken, analysis):
        others = [replace(learned[0], second_opinion=True, choices=()), *others[1:]]
    return [*spoken, *others][:limit]


def _is_second_opinion(learned: Reading, spoken: Sequence[Reading], analysis: Analysis) -> bool:
    """Whether a sure learned reading reads other columns than the grammar's only one, and could say what that one does.

    Where it takes the same columns and more, or leaves a condition or a group out, the grammar was the one that heard
    the words (measured, see decision 0215); of shares, growth and running totals the learned part knows nothing.
    """
    if len(spoken) > 1 or learned.score < SURE_ENOUGH:
        return False
    mine, other = spoken[0].tree, learned.tree
    if _columns(mine) <= _columns(other) or not _columns(mine, *_NARROWING) <= _columns(other, *_NARROWING):
        return False
    try:
        read_plan(mine.sql(dialect=analysis.catalog.schema.dialect), analysis.catalog)
    except NotAPlan:
        return False
    return True


def _columns(tree: exp.Expr, *clauses: type[exp.Expr]) -> set[str]:
    """Names of the columns that a query uses, anywhere or in some of its clauses."""
    parts = tree.find_all(*clauses) if clauses else [tree]
    return {column.name.lower() for part in parts for column in part.find_all(exp.Column)}
