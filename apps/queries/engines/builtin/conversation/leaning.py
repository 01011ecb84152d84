"""Readings of a question that leans on the answer before it, made from the SQL that this answer came from."""

import re
from collections.abc import Callable, Iterator

from sqlglot import exp

from apps.clarification.readings import Reading
from apps.queries.context import Context
from apps.queries.engines.builtin.analysis import Analysis, analyze

from .account import reading_of, why
from .columns import columns_said
from .corrections import corrected
from .cues import Cue, Cued, cue_of
from .edits import edited
from .exchanging import exchanged
from .extremes import extreme_of, from_to
from .fragments import fragment_readings
from .holding import holders
from .measuring import freed, without_showing
from .nouns import points_back
from .pieces import is_piece
from .references import reference_readings
from .relating import asks_for_related, related
from .sources import Sources, subject_of
from .standing import Standing, before_last, standings
from .thresholds import narrowed_by_unit

Reader = Callable[[Context], list[Reading]]
_SORTING = re.compile(
    r"(?:(?:and|now|then|please|can you|could you) )*(?:sort|sorted|order|ordered|rank|ranked)"
    r"(?: (?:it|them|this|that|those|these|the (?:list|result|results|rows|answer)))? by "
)


def leaning(
    context: Context, read: Reader, in_words: Callable[[Analysis, Standing], list[Reading]]
) -> list[Reading] | None:
    """Readings of what leans on an earlier answer; None where the words ask something of their own, none where they
    lean on what came before but nothing sure can be made of it.

    `read` reads a question that stands by itself, `in_words` one worked into the earlier question's words.
    """
    found = standings(context) if context.history else []
    if not found:
        return None
    analysis = analyze(context)
    said = " ".join(token.text.lower() for token in analysis.tokens if token.text.strip("?.!,;:"))
    cued = cue_of(said)
    if cued and cued.cue in (Cue.EXPLAIN, Cue.UNDO):
        return list(_looked_back(cued.cue, found, analysis))
    if not found[-1].is_editable:
        return None
    if cued:
        return list(_cued(cued, found[-1], analysis))
    if (mended := corrected(context.question)) is not None:
        return list(_corrected(context.with_words(mended), found[-1], read))
    if (tree := _picked(said, found[-1], analysis)) is not None:
        return [reading_of(tree, found[-1], analysis, "ranked")]
    if (tree := holders(said, analysis, found[-1])) is not None:
        return [reading_of(tree, found[-1], analysis, "whose value it is")]
    if (tree := related(said, analysis, found[-1])) is not None:
        return [reading_of(tree, found[-1], analysis, "what belongs to its rows")]
    if (tree := narrowed_by_unit(said, analysis, found[-1])) is not None:
        return [reading_of(tree, found[-1], analysis, "narrowed by a number")]
    if _is_sorting(said):
        return list(_sorted(analysis, found[-1]))
    if (rest := without_showing(context.question)) is not None:
        analysis = analyze(context.with_words(rest))
    elif points_back(analysis) or asks_for_related(said):
        return reference_readings(analysis, found[-1], read)
    if not is_piece(analysis):
        return None
    return freed(_pieced(analysis, found[-1], read, in_words), found[-1], analysis)


def _pieced(
    analysis: Analysis, last: Standing, read: Reader, in_words: Callable[[Analysis, Standing], list[Reading]]
) -> list[Reading]:
    return in_words(analysis, last) or exchanged(analysis, last) or fragment_readings(analysis, last, read)


def _picked(said: str, last: Standing, analysis: Analysis) -> exp.Select | None:
    """The first or last of the answer's rows, or all of them from the one end to the other."""
    subject = subject_of(last.tree, analysis.catalog)
    if subject is None:
        return None
    named = columns_said(analysis, [subject.table]).columns if " by " in said else ()
    by = named[0] if len(named) == 1 else None
    found = extreme_of(said, last.tree, subject, analysis.catalog, by)
    return found if found is not None else from_to(said, last.tree, subject, analysis.catalog)


def _looked_back(cue: Cue, found: list[Standing], analysis: Analysis) -> Iterator[Reading]:
    """The last answer explained, or the one before it."""
    if cue is Cue.EXPLAIN:
        yield why(found[-1], analysis.catalog)
    elif earlier := before_last(found):
        yield reading_of(earlier.query, earlier, analysis, cue)


def _cued(cued: Cued, last: Standing, analysis: Analysis) -> Iterator[Reading]:
    tree = edited(last.tree, cued, analysis.catalog)
    if tree is not None:
        yield reading_of(tree, last, analysis, cued.cue)


def _corrected(context: Context, last: Standing, read: Reader) -> Iterator[Reading]:
    """ "No, I meant delivered": what is said takes the place of its like, or is the question itself."""
    analysis = analyze(context)
    if is_piece(analysis, short=True):
        found = exchanged(analysis, last) or fragment_readings(analysis, last, read, exchanges=True)
        yield from found
        if found:
            return
    yield from read(context.with_question(context.question))


def _is_sorting(said: str) -> bool:
    return _SORTING.match(said) is not None


def _sorted(analysis: Analysis, last: Standing) -> Iterator[Reading]:
    """ "Sort them by name": by a column of the answer's rows, or by what was counted."""
    select, words = last.tree, {token.text.lower() for token in analysis.tokens}
    sources, subject = Sources(select, analysis.catalog), subject_of(select, analysis.catalog)
    if subject is None:
        return
    tables = [subject.table, *(one for one in sources.tables.values() if one != subject.table)]
    by = columns_said(analysis, tables).columns[:1]
    descending = bool(words & {"descending", "desc", "highest", "largest", "most", "latest", "newest", "decreasing"})
    measure = next((one.unalias() for one in select.expressions if one.find(exp.AggFunc)), None)
    key: exp.Expr | None = sources.column(by[0]) if by else None
    if by and select.args.get("group"):
        shown = [sources.key_of(one.unalias()) for one in select.expressions if isinstance(one.unalias(), exp.Column)]
        key = key if by[0] in shown else None
    if key is None and measure is not None and (not by or not isinstance(key, exp.Column)):
        key = measure.copy()
    if key is None:
        return
    tree = select.copy()
    tree.set("order", exp.Order(expressions=[exp.Ordered(this=key, desc=descending, nulls_first=False)]))
    yield reading_of(tree, last, analysis, "sorted")
