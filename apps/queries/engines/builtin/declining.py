"""Says, where no answer is given, what of a question the data knows and what it does not, and what to try next.

Names come from the context's schema alone, which holds nothing that the person may not see.
"""

from apps.queries.context import Context

from .analysis import Analysis, analyze
from .continuing import whole_question
from .spoken.neighbours import HAVING, RELATING
from .triage import ASKS, Triage, TriageKind, triage
from .triage_features import STRONG
from .unknown import unknown_words

MOST_NAMES = 4


def declined(context: Context, *, why: str) -> str:
    """The sentences for a question that was read but not well enough; `why`, which goes on after a "but", says what was
    wrong with the readings.
    """
    analysis = _whole(analyze(context))
    found, unknown = _found(analysis), _unknown(analysis)
    if not found:
        return f"I found nothing in the data that this question names. {_holds(analysis)}"
    named = _joined(found)
    if unknown:
        quoted = _joined([f"“{word}”" for word in unknown[:MOST_NAMES]])
        return f"I found {named}, but nothing that says {quoted}. Say it in the words of the data, or leave it out."
    return f"I found {named}, but {why} Try it in fewer words, one thing at a time."


def turned_away(context: Context, found: Triage) -> str:
    """The sentences for what is no question about the data."""
    if found.kind is TriageKind.CHANGE_REQUEST:
        return f"{found.reason} You can ask which rows such a change would touch."
    analysis = analyze(context)
    if any(token.lemma in ASKS for token in analysis.tokens[:3]):
        return declined(context, why=found.reason)
    return f"{found.reason} {_holds(analysis)}"


def is_not_in_data(context: Context) -> bool:
    """Whether the question asks for what no name in the data speaks of."""
    return triage(context).kind is TriageKind.NOT_IN_DATA or bool(_unknown(_whole(analyze(context))))


def _unknown(analysis: Analysis) -> list[str]:
    """Words that nothing explains and that say more than how rows belong together."""
    return [word for word in unknown_words(analysis) if word.lower() not in HAVING | RELATING]


def _whole(analysis: Analysis) -> Analysis:
    question = whole_question(analysis)
    return analyze(analysis.context.with_question(question)) if question else analysis


def _found(analysis: Analysis) -> list[str]:
    """Tables, columns and values that the question surely names, in its order, each once."""
    named: list[tuple[int, str]] = []
    taken: set[int] = set()
    for span in analysis.spans:
        if span.matches and not span.quoted and taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            named.append((span.start, f"“{span.text}”"))
    for link in sorted(analysis.links, key=lambda one: (-one.quality, one.column is not None, one.start)):
        if link.quality >= STRONG and taken.isdisjoint(range(link.start, link.end)):
            taken.update(range(link.start, link.end))
            named.append((link.start, _name(analysis, link.table, link.column)))
    return list(dict.fromkeys(name for _, name in sorted(named)))[:MOST_NAMES]


def _name(analysis: Analysis, table: str, column: str | None) -> str:
    return _spelled(analysis, table) if column is None else " ".join(analysis.catalog.columns[(table, column)].words)


def _spelled(analysis: Analysis, table: str) -> str:
    """A table's own name as people would write it."""
    return analysis.catalog.tables[table].table.name.replace("_", " ").lower()


def _holds(analysis: Analysis) -> str:
    """What one could ask about instead."""
    tables = [_spelled(analysis, name) for name, one in analysis.catalog.tables.items() if one.table.row_count != 0]
    if not tables:
        return "There is no table here that you may read."
    more = " and more" if len(tables) > MOST_NAMES else ""
    return f"Ask about what the data holds: {', '.join(tables[:MOST_NAMES])}{more}."


def _joined(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
