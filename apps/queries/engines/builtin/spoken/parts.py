"""Turns an answer into a share, a ratio, a running total or a growth, as the question's overlay says."""

from dataclasses import replace

from apps.queries.engines.builtin.plan import Aggregate

from .draft import Draft, NotUnderstood
from .frame import Fact, Measure, Part, Window
from .overlays import Over

_WHO = frozenset(("that", "which", "who"))
_VERBS = frozenset("is are was were has have had came come went did do does".split())
_PREPOSITIONS = frozenset("from in with without to on at by".split())


def lay_over(draft: Draft) -> None:
    """The frame with what is reckoned over it. Raises NotUnderstood where the words do not say of what."""
    kind, frame = draft.over.kind, draft.frame
    if kind is Over.NOTHING:
        return
    if frame.measure is None or frame.limit or frame.average_per or draft.forks:
        raise NotUnderstood(f"a {kind} of what?")
    if kind in (Over.SHARE, Over.PART_OF):
        _share(draft)
    elif kind is Over.RATIO:
        _ratio(draft)
    else:
        units = [group for group in frame.groups if group.term.unit]
        if len(units) != 1 or len(frame.groups) != 1:
            raise NotUnderstood("over which steps of time?")
        window = Window.RUNNING if kind is Over.RUNNING else Window.GROWTH
        draft.frame = replace(frame, window=window)
        draft.noun = f"{'Running total' if kind is Over.RUNNING else 'Growth'} of {draft.noun.lower()}"


def _share(draft: Draft) -> None:
    start = _predicate(draft) if draft.over.kind is Over.SHARE else -draft.over.start
    part = _take_part(draft, start)
    frame = draft.frame
    if part.facts or part.related:
        if frame.measure and frame.measure.term:
            raise NotUnderstood("a share of an amount")
        draft.frame = replace(frame, measure=Measure(Aggregate.COUNT, part=part), hide_measure=False)
    elif frame.groups:
        draft.frame = replace(frame, window=Window.SHARE, hide_measure=False)
    else:
        raise NotUnderstood("which part of them?")
    draft.noun = f"Percentage: {draft.noun.lower()}"


def _predicate(draft: Draft) -> int:
    """Where the whole ends and what is true of the part begins. Raises NotUnderstood."""
    words, start = draft.words, draft.over.end
    places = range(start, len(words))
    who = next((place for place in places if words.lower(place) in _WHO), None)
    verb = next((place for place in reversed(places) if words.lower(place) in _VERBS), None)
    preposition = next((place for place in places if words.lower(place) in _PREPOSITIONS), None)
    found = next((place for place in (who, verb, preposition) if place is not None), None)
    return len(words) if found is None else found


def _take_part(draft: Draft, start: int) -> Part:
    """The conditions said from a place on (or, where it is negative, before it), taken out of the whole."""

    def inside(place: int) -> bool:
        return place >= start if start >= 0 else place < -start

    facts = tuple(fact for place, fact in draft.places if inside(place) and fact in draft.facts)
    related = tuple(one for place, one in draft.related if inside(place))
    draft.facts = [fact for fact in draft.facts if fact not in facts]
    draft.related = [(place, one) for place, one in draft.related if one not in related]
    return Part(facts, related)


def _ratio(draft: Draft) -> None:
    """ "the ratio of urgent tickets to low tickets": the one part's rows over the other's, or over all."""
    words = draft.words
    joint = next((place for place in range(draft.over.end, len(words)) if words.lower(place) == "to"), None)
    if joint is None or draft.frame.measure is None:
        raise NotUnderstood("a ratio of what to what?")
    if draft.frame.measure.aggregate not in (Aggregate.COUNT, Aggregate.SUM):
        raise NotUnderstood("a ratio of means")
    whole, part = _take_part(draft, joint), _take_part(draft, 0)
    of_all = any(words.lower(place) in ("all", "total") for place in range(joint, len(words)))
    if not (part.facts or part.related) or not (whole.facts or whole.related or of_all):
        raise NotUnderstood("a ratio of what to what?")
    shared = _said_of_both(part, whole)
    draft.facts.extend(shared)
    whole = Part(tuple(fact for fact in whole.facts if fact not in shared), whole.related)
    is_whole = not (whole.facts or whole.related)
    term = draft.frame.measure.term
    if term and is_whole:
        raise NotUnderstood("a share of an amount")
    measure = Measure(Aggregate.COUNT, term, part=part, whole=None if is_whole else whole, is_percent=False)
    draft.frame = replace(draft.frame, measure=measure)
    draft.noun = f"Ratio: {draft.noun.lower()}"


def _said_of_both(part: Part, whole: Part) -> list[Fact]:
    """Conditions at the end that are on columns which the first part says nothing of: "… in New York"."""
    said = {fact.term.key for fact in part.facts}
    if not said & {fact.term.key for fact in whole.facts} and not part.related:
        return []
    return [fact for fact in whole.facts if fact.term.key not in said]
