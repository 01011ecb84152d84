"""Reads a piece of a question ("only Germany", "by month", "without cancelled ones") into the SQL of the last answer."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlglot import exp

from apps.clarification.readings import Reading, Reason
from apps.knowledge.tokens import TokenKind
from apps.queries.context import Context
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.followup import is_elliptic
from apps.queries.engines.builtin.spans import SpanKind
from apps.queries.engines.builtin.spoken.happenings import event_columns
from apps.queries.engines.builtin.spoken.times import find_times
from apps.queries.engines.builtin.spoken.words import Words

from .account import described
from .dates import time_columns, with_period
from .joining import grouped, narrowed, negated
from .nouns import noun_of
from .sources import Sources, nearest_sources, select_from, subject_of
from .standing import Standing

SURE = 0.92
KEPT = 0.97
SHORT = 4
LEAST = 0.69  # of all readings of the piece together: less sure ones would hide that it was not understood
MOST_READINGS = 6
_LEAD = re.compile(
    r"^(?:(?:and|but|so|now|then|ok|okay|please|just|also|what about|how about|the same|same|show|give me|show me|only|"
    r"can you|instead|do it|for|with|of|the ones|those|ones)\b[\s,]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s,]*\b(?:instead|please|only|then|too|as well|ones?)\s*$", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:without|excluding|except(?: for)?|not|no|leave out|ignore|exclude|minus)\s+(?:the\s+)?", re.IGNORECASE
)
_BY = re.compile(r"\b(?:by|per|for each|in each|for every|grouped by|broken down by|split by|each)\s+", re.IGNORECASE)
_NARROWING = re.compile(
    r"\b(?:only|without|except|excluding|not|just|also|and also|those|leave out|ignore|exclude)\b", re.IGNORECASE
)
_PREPOSITIONS = frozenset(
    "in on at from for to by per since until before after during of with without over between".split()
)


def is_fragment(analysis: Analysis, last: Standing, *, short: bool = False) -> bool:
    """Whether the words are a piece that wants a question around it.

    Where they are `short`, no word need say so: "delivered", "Germany".
    """
    words = [token for token in analysis.tokens if token.kind is not TokenKind.PUNCTUATION]
    if not words:
        return False
    asks_anew = words[0].lemma in ("what", "how", "which", "who") and [one.lemma for one in words[1:2]] != ["about"]
    if is_elliptic(analysis) and not asks_anew and not _is_whole(analysis):
        return True
    return not asks_anew and len(words) <= SHORT and (short or _is_bare(analysis)) and not _is_whole(analysis)


def _is_whole(analysis: Analysis) -> bool:
    """Whether a table is asked for by name before anything else is said ("show products by category")."""
    first = next((place for place, one in enumerate(analysis.tokens) if one.text.lower() in _PREPOSITIONS), 99)
    return any(
        link.column is None and link.quality >= 0.95 and link.end <= first and link.start <= 2
        for link in analysis.links
    )


def _is_bare(analysis: Analysis) -> bool:
    """Whether nothing but values, numbers or days is said."""
    covered = {place for span in analysis.spans if span.matches or span.kind is not SpanKind.TEXT
               for place in range(span.start, span.end)}  # fmt: skip
    return all(place in covered or token.kind is TokenKind.PUNCTUATION for place, token in enumerate(analysis.tokens))


def rest_of(question: str) -> str:
    """The words without those that only lead over."""
    text = question.strip().rstrip("?.! ")
    return _TAIL.sub("", _LEAD.sub("", text)).strip() or text


def exchanged(analysis: Analysis, last: Standing) -> list[Reading]:
    """A value, a number, a time or an event said where the earlier SQL has one of its like: it takes its place."""
    question = analysis.context.question
    if (
        _NOT.search(question)
        or re.search(r"\bonly\b|\balso\b|\bjust\b", question, re.IGNORECASE)
        or _BY.search(question)
    ):
        return []
    tree = _with_value(analysis, last.tree) or _with_time(analysis, last.tree) or _with_event(analysis, last.tree)
    tree = tree or _with_number(analysis, last.tree)
    return [_reading(tree, last, analysis)] if tree is not None else []


def _reading(tree: exp.Select, last: Standing, analysis: Analysis) -> Reading:
    settled = tuple(one for one in last.assumptions if not one.startswith("This goes on"))
    words = described(tree, analysis.catalog) or f"“{last.question}”, {analysis.context.question.strip(' ?.!')}"
    said = f"This goes on from before: “{last.question}”."
    return Reading(tree, SURE, (said, *settled), reasons=(Reason("follow-up: exchanged", 1.0),), explanation=words)


def _left_over(analysis: Analysis, taken: set[int]) -> bool:
    """Whether some word is neither taken nor one that only leads over."""
    rest = " ".join(token.text for place, token in enumerate(analysis.tokens) if place not in taken)
    rest = re.sub(r"[?.!,]", " ", rest)
    return bool(
        re.sub(r"\b(?:from|in|to|the|on|at|during|is|are|was)\b", " ", _LEAD.sub("", f"{rest.strip()} ")).strip()
    )


def _with_value(analysis: Analysis, select: exp.Select) -> exp.Select | None:
    """Another stored value of a column that is held against one."""
    spans = [span for span in analysis.spans if span.matches and span.kind is SpanKind.TEXT]
    if len(spans) != 1 or _left_over(analysis, set(range(spans[0].start, spans[0].end))):
        return None
    meant = {key: value for key, value, score in spans[0].matches if score >= 0.95}
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


def _in_year(analysis: Analysis) -> list[object]:
    from apps.knowledge.tokens import tokenize

    text = next(token.text for token in analysis.tokens if token.number)
    return list(tokenize(f"in {text}"))


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


_COMPARED = {"more": exp.GT, "over": exp.GT, "above": exp.GT, "greater": exp.GT, "less": exp.LT, "under": exp.LT,
             "below": exp.LT, "fewer": exp.LT}  # fmt: skip


def _with_number(analysis: Analysis, select: exp.Select) -> exp.Select | None:
    """Another number for the only one that something is compared with, the other way where the words say so."""
    numbers = [place for place, token in enumerate(analysis.tokens) if token.number is not None]
    said = {token.text.lower() for token in analysis.tokens}
    taken = {
        *numbers,
        *(
            p
            for p, token in enumerate(analysis.tokens)
            if token.text.lower() in (*_COMPARED, "than", "least", "most", "exactly")
        ),
    }
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
    kind = type(found[0]) if other is None or isinstance(found[0], _near(other)) else other
    found[0].replace(kind(this=found[0].this.copy(), expression=exp.Literal.number(written)))
    return changed


def _near(kind: type[exp.Expr]) -> tuple[type[exp.Expr], ...]:
    return (exp.GT,) if kind is exp.GT else (exp.LT,)


def fragment_readings(
    analysis: Analysis, last: Standing, read: Callable[[Context], list[Reading]], *, exchanges: bool | None = None
) -> list[Reading]:
    """The piece read in a small question of its own about the same rows, and what it says there put into the SQL."""
    select, catalog = last.tree, analysis.catalog
    subject = subject_of(select, catalog)
    if subject is None:
        return []
    question = analysis.context.question
    replaces = exchanges if exchanges is not None else not _NARROWING.search(question)
    base = next(iter(Sources(select, catalog).tables.values()), subject.table)
    rest, noun = rest_of(question), noun_of(base, catalog)
    if found := _NOT.search(rest):
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
    if not _BY.search(rest) and rest.split()[0].lower() not in _PREPOSITIONS:
        yield f"How many {noun} are {rest}?"
        yield f"How many {noun} from {rest}"
        yield f"How many {noun} with {rest}"
        yield f"How many {noun} have {rest}?"


def _put_in(
    readings: list[Reading], last: Standing, analysis: Analysis, *, replaces: bool
) -> Iterator[Reading]:
    """Each reading's conditions or groups in the earlier SQL; where some read a column that it reads too, those alone."""
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
            words = described(tree, catalog) or f"“{last.question}”, {analysis.context.question.strip(' ?.!')}"
            said = f"This goes on from before: “{last.question}”."
            found.append(
                replace(one, tree=tree, score=one.score * KEPT, assumptions=(said, *one.assumptions), explanation=words)
            )
    known = [one for one in found if _columns(one.tree) <= _columns(last.tree)]
    if known and len(found) > 1 and found[0].choices:
        total, left = sum(one.score for one in found), sum(one.score for one in known)
        found = [replace(one, score=min(SURE, one.score * total / left), choices=()) for one in known]
    yield from found


def _columns(tree: exp.Expr) -> set[str]:
    return {column.name.lower() for column in tree.find_all(exp.Column)}
