"""Second opinions: readings reached in another way, held against the others by the rows they bring. No Django here."""

from collections.abc import Sequence
from dataclasses import replace

from apps.clarification.probed import Probed, same_outcome
from apps.clarification.readings import Choice, ChoiceField, Reading, Reason

DISPUTED = 0.52  # what is left of each score where a second opinion brings other rows
CONFIRMED = 0.7  # of what another engine is sure of counts towards a reading with the same rows: both may err alike
WHOLE = (ChoiceField.OTHER, "")  # the point at which whole readings are told apart


def disputed(probed: Sequence[Probed]) -> list[Probed]:
    """The readings, as sure as they are once second opinions were heard.

    One that an engine has of its own readings counts only against them: where it brings other rows than the best, all
    lose certainty. The other engine's speak for the reading with their rows, and against all where none has them.
    """
    first = [one for one in probed if not one.reading.second_opinion]
    if not first:
        return list(probed)
    best = max(first, key=lambda one: one.reading.score)
    if best.result is None:
        return first
    seen = [one for one in probed if one.reading.second_opinion and one.result is not None]
    own = [one for one in seen if one.reading.engine == best.reading.engine]
    others = [one for one in seen if one.reading.engine != best.reading.engine]
    against = [one for one in own if not same_outcome(best, one)]
    if against:
        first = [_doubted(one) for one in [*first, *against]]
    return _held_against(first, others) if others else first


def _held_against(first: Sequence[Probed], others: Sequence[Probed]) -> list[Probed]:
    """The readings beside what another engine makes of the question, itself perhaps with several meanings.

    A reading is confirmed by the same rows, unless there are none: nothing is brought by many wrong readings. Meanings
    that the other engine sees and these readings do not become rivals of the one confirmed.
    """
    ranked = sorted(first, key=lambda one: one.reading.score, reverse=True)
    for one in ranked:
        agreeing = [other for other in others if same_outcome(one, other)]
        if agreeing and not (one.result and one.result.rows):
            return list(first)
        if agreeing:
            confirmed = _confirmed(one, agreeing)
            unseen = [] if any(other.reading.choices for other in first) else _meanings(confirmed, agreeing[0], others)
            return [confirmed, *(kept for kept in first if kept is not one), *unseen]
    if any(one.reading.choices for one in first):  # it is asked about already
        return [_doubted(one) for one in first]
    top = max(others, key=lambda one: one.reading.score)
    return _told_apart([_doubted(one) for one in [*ranked, top]])


def _doubted(one: Probed) -> Probed:
    """With what is left of its certainty; from here on a reading like any other."""
    return _with(one, score=one.reading.score * DISPUTED, second_opinion=False)


def _confirmed(one: Probed, agreeing: Sequence[Probed]) -> Probed:
    """Surer by what the other engine is sure of, and open where that one sees more than one meaning."""
    support = CONFIRMED * min(1.0, sum(other.reading.score for other in agreeing))
    score = one.reading.score + (1 - one.reading.score) * support
    reasons = (*one.reading.reasons, Reason("confirmed by the other engine", score - one.reading.score))
    choices = one.reading.choices or agreeing[0].reading.choices
    return _with(one, score=score, reasons=reasons, choices=choices)


def _meanings(confirmed: Probed, agreeing: Probed, others: Sequence[Probed]) -> list[Probed]:
    """The other engine's further meanings of the same words, as likely beside the confirmed one as it finds them."""
    points = {choice.point for choice in agreeing.reading.choices}
    share = confirmed.reading.score / agreeing.reading.score
    return [
        _with(one, score=min(1.0, one.reading.score * share), second_opinion=False)
        for one in others
        if not same_outcome(one, confirmed) and points & {choice.point for choice in one.reading.choices}
    ]


def _told_apart(readings: Sequence[Probed]) -> list[Probed]:
    """Whole readings as what may be meant, by what they say of themselves; by their SQL where they say the same."""
    labels = [one.reading.explanation for one in readings]
    plain = len(set(labels)) < len(labels) or not all(labels)
    return [_with(one, choices=(_whole(one.safe_sql.plain if plain else one.reading.explanation),)) for one in readings]


def _whole(label: str) -> Choice:
    return Choice(*WHOLE, label, label)


def _with(one: Probed, **changed: object) -> Probed:
    reading: Reading = replace(one.reading, **changed)  # type: ignore[arg-type]
    return replace(one, reading=reading)
