"""What is said after "… and …" may hold for the last alone: "from Denmark and Finland without an email address"."""

from dataclasses import replace

from apps.clarification.readings import Choice, ChoiceField
from apps.queries.engines.builtin.plan import Operator

from .draft import Draft, Option
from .enumerations import joined_values
from .frame import Fact, Term
from .values_found import Said

_JOINTS = frozenset(("with", "without", "who", "that", "which", "whose", "having"))
_ENDS = frozenset(("are", "is", "were", "was", "do", "did", "?", ".", ""))


def offer_attachment(draft: Draft) -> None:
    """One condition right after values that "and" joins: on all of them, or on the last."""
    listed = next((one for one in draft.facts if one.operator is Operator.IN and joined_values(draft, one)), None)
    said = joined_values(draft, listed) if listed else []
    if listed is None or not said or draft.alternatives or draft.words.lower(said[-1].end) not in _JOINTS:
        return
    after = [fact for place, fact in draft.places if place >= said[-1].end and fact in draft.facts]
    if len(after) != 1 or after[0].term.key[0] != listed.term.key[0] or draft.related:
        return
    fact = after[0]
    draft.facts.remove(fact)
    draft.forks.append(_options(draft, said, listed, fact))


def _options(draft: Draft, said: list[Said], listed: Fact, fact: Fact) -> list[Option]:
    phrase = draft.words.text(said[-1].end, _end(draft, said[-1].end))
    last, stored = said[-1].text, listed.value if isinstance(listed.value, tuple) else ()
    last_stored = next(value for key, value in said[-1].places if key == listed.term.key)
    earlier = tuple(value for value in stored if value != last_stored)
    names = " and ".join(one.text for one in said)
    before = Fact(Term(listed.term.key), Operator.IN, earlier)
    for_all = f"{phrase}, whether {' or '.join(map(str, stored))}"
    for_last = f"all of {' and '.join(map(str, earlier))}, and of {last} those {phrase}"
    return [
        Option(Choice(ChoiceField.ATTACHMENT, phrase, names, for_all), (fact,)),
        Option(Choice(ChoiceField.ATTACHMENT, phrase, f"Only {last}", for_last), (replace(fact, unless=before),)),
    ]


def _end(draft: Draft, start: int) -> int:
    return next(place for place in range(start + 1, len(draft.words) + 1) if draft.words.lower(place) in _ENDS)
