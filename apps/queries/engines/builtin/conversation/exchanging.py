"""Exchanges one thing in the SQL of the last answer for its like: a value, a time, a number, the date that counts."""

import re

from sqlglot import exp

from apps.clarification.readings import Reading
from apps.knowledge.tokens import Token, tokenize
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.spans import SpanKind
from apps.queries.engines.builtin.spoken.happenings import event_columns
from apps.queries.engines.builtin.spoken.times import find_times
from apps.queries.engines.builtin.spoken.words import Words

from .account import reading_of
from .dates import time_columns, with_period
from .pieces import BY, LEAD, NOT
from .respelling import respelled
from .sources import Sources, nearest_sources
from .standing import Standing

SURE_VALUE = 0.95
_NO_EXCHANGE = re.compile(r"\b(?:only|also|just)\b", re.IGNORECASE)
_JOINTS = re.compile(r"\b(?:from|in|to|the|on|at|during|is|are|was)\b")
_SETTING = ("than", "least", "most", "exactly")
_COMPARED = {"more": exp.GT, "over": exp.GT, "above": exp.GT, "greater": exp.GT, "less": exp.LT, "under": exp.LT,
             "below": exp.LT, "fewer": exp.LT}  # fmt: skip


def exchanged(analysis: Analysis, last: Standing) -> list[Reading]:
    """A value, a number, a time or an event said where the earlier SQL has one of its like: it takes its place."""
    question = analysis.context.question
    if NOT.search(question) or re.search(r"\bonly\b|\balso\b|\bjust\b", question, re.IGNORECASE) or BY.search(question):
        return []
    tree = (
        _with_value(analysis, last.tree)
        or respelled(analysis, last.tree)
        or _with_time(analysis, last.tree)
        or _with_event(analysis, last.tree)
    )
    tree = tree or _with_number(analysis, last.tree)
    return [reading_of(tree, last, analysis, "exchanged")] if tree is not None else []


def _left_over(analysis: Analysis, taken: set[int]) -> bool:
    """Whether some word is neither taken nor one that only leads over."""
    rest = " ".join(token.text for place, token in enumerate(analysis.tokens) if place not in taken)
    rest = re.sub(r"[?.!,]", " ", rest)
    return bool(
        re.sub(r"\b(?:from|in|to|the|on|at|during|is|are|was)\b", " ", LEAD.sub("", f"{rest.strip()} ")).strip()
    )


def _with_value(analysis: Analysis, select: exp.Select) -> exp.Select | None:
    """Another stored value of a column that is held against one."""
    spans = [span for span in analysis.spans if span.matches and span.kind is SpanKind.TEXT]
    if len(spans) != 1 or _left_over(analysis, set(range(spans[0].start, spans[0].end))):
        return None
    meant = {key: value for key, value, score in spans[0].matches if score >= SURE_VALUE}
    changed = select.copy()
    found = []
    for literal in changed.find_all(exp.Literal):
        condition = literal.parent
        if isinstance(condition, exp.EQ | exp.NEQ | exp.Like) and isinstance(condition.this, exp.Column):
            sources = nearest_sources(condition.this, analysis.catalog)
            key = sources.key_of(condition.this) if sources else None
            if key in meant:
                found.append((literal, meant[key]))
    if len(found) != 1:
        return None
    literal, value = found[0]
    marks = re.fullmatch(r"(%?).*?(%?)", literal.name)
    before, after = marks.groups() if marks else ("", "")
    literal.replace(exp.Literal.string(f"{before}{value}{after}"))
    return changed


def _with_time(analysis: Analysis, select: exp.Select) -> exp.Select | None:
    words = Words(analysis.tokens)
    times = find_times(words, analysis.context.today, analysis.context.fiscal_year_start_month)
    numbers = [place for place, token in enumerate(analysis.tokens) if token.number]
    if not times and len(numbers) == 1:  # "2024" by itself, which elsewhere is a number like any other
        times = find_times(Words(_in_year(analysis)), analysis.context.today)
        taken = set(numbers)
    else:
        taken = {place for time in times for place in range(time.start, time.end)}
    if len(times) != 1 or _left_over(analysis, taken):
        return None
    return with_period(select, times[0].period)


def _in_year(analysis: Analysis) -> list[Token]:
    """The only number as a year."""
    return list(tokenize(f"in {next(token.text for token in analysis.tokens if token.number)}"))


def _with_event(analysis: Analysis, select: exp.Select) -> exp.Select | None:
    """Another date of the same rows: "delivered" in place of "shipped"."""
    columns = time_columns(select)
    sources = Sources(select, analysis.catalog)
    keys = {sources.key_of(one) for one in columns} - {None}
    if len(keys) != 1:
        return None
    old = next(key for key in keys if key)
    for place, token in enumerate(analysis.tokens):
        meant = event_columns(analysis.catalog, token.text.lower(), [old[0]])
        if len(meant) == 1 and meant[0] != old and not _left_over(analysis, {place}):
            changed = select.copy()
            for column in list(changed.find_all(exp.Column)):
                if sources.key_of(column) == old:
                    column.replace(exp.column(exp.to_identifier(meant[0][1]), table=column.args.get("table")))
            return changed
    return None


def _with_number(analysis: Analysis, select: exp.Select) -> exp.Select | None:
    """Another number for the only one that something is compared with, the other way where the words say so."""
    numbers = [place for place, token in enumerate(analysis.tokens) if token.number is not None]
    said = {token.text.lower() for token in analysis.tokens}
    telling = (*_COMPARED, *_SETTING)
    taken = {*numbers, *(place for place, one in enumerate(analysis.tokens) if one.text.lower() in telling)}
    if len(numbers) != 1 or _left_over(analysis, taken):
        return None
    changed = select.copy()
    found = [
        one for one in changed.find_all(exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ)
        if isinstance(one.expression, exp.Literal) and not one.expression.is_string
    ]  # fmt: skip
    if len(found) != 1:
        return None
    number = analysis.tokens[numbers[0]].number or 0.0
    written = str(int(number)) if number == int(number) else str(number)
    other = next((_COMPARED[word] for word in said if word in _COMPARED), None)
    kind = other or type(found[0])
    found[0].replace(kind(this=found[0].this.copy(), expression=exp.Literal.number(written)))
    return changed
