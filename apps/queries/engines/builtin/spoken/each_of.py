""" "The three most expensive products in Garden and Tools": three in all, or three of each."""

from dataclasses import replace

from apps.clarification.readings import Choice, ChoiceField
from apps.queries.engines.builtin.plan import Operator

from .draft import Draft
from .enumerations import joined_values
from .frame import Frame, Group, Term

_SETTLING = frozenset(("each", "both", "together"))


def offer_each(draft: Draft) -> None:
    """Several values joined by "and" and more than one row asked for: an open point, unless words settle it."""
    frame, words = draft.frame, draft.words
    if not frame.limit or frame.limit < 2 or frame.top_per or draft.alternatives or draft.forks:
        return
    fact = next((one for one in draft.facts if one.operator is Operator.IN and joined_values(draft, one)), None)
    place = next((at for at in range(len(words)) if words.number(at) == frame.limit), None)
    if fact is None or place is None or any(words.lower(at) in _SETTLING for at in range(len(words))):
        return
    kind = " ".join(draft.catalog.tables[fact.term.key[0]].words) if fact.term.key[0] != frame.base else "value"
    number = words.text(place, place + 1).capitalize()
    phrase, asks = words.text(place, place + 1), "Do you mean {phrase} in all, or of each?"
    draft.alternatives = [
        Choice(ChoiceField.SCOPE, phrase, f"{number} in all", "the first of all together", asks),
        Choice(ChoiceField.SCOPE, phrase, f"{number} of each", f"the first of each {kind}", asks),
    ]
    if draft.taken == 1:
        draft.frame = _of_each(frame, fact.term)


def _of_each(frame: Frame, term: Term) -> Frame:
    if frame.measure:
        return replace(frame, groups=(Group(term), *frame.groups), top_per=term, hide_measure=False)
    shown = (term, *frame.show, *((frame.rank_by,) if frame.rank_by else ()))
    return replace(frame, show=shown, top_per=term)
