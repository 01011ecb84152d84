"""Words that turn a state round, such as "unpaid": all that is not in it, or one of the other states that there are."""

from collections.abc import Iterable

from apps.clarification.readings import Choice, ChoiceField
from apps.queries.engines.builtin.plan import Operator

from .codes import Code, all_codes, opposite_codes
from .draft import Draft, Option, spelled
from .frame import Fact, Term

_MOST_STATES = 3


def offer_opposites(draft: Draft) -> None:
    """Make each such word about what is asked for an open point."""
    words = draft.words
    for place in range(len(words)):
        codes = opposite_codes(draft.catalog, words.lower(place)) if words.is_free(place) else []
        code = next((one for one in codes if one.column[0] == draft.frame.base), None)
        if code is not None:
            words.take(place, place + 1)
            draft.forks.append(list(_options(draft, code, place)))


def _options(draft: Draft, code: Code, place: int) -> Iterable[Option]:
    phrase, key = draft.words.text(place, place + 1), code.column
    others = [one for one in all_codes(draft.catalog) if one.column == key and one.value != code.value]
    states = [
        (one.label.capitalize(), Operator.EQUAL, one.value) for one in sorted(others, key=lambda one: str(one.value))
    ]
    for label, operator, value in [(f"Not {code.label}", Operator.NOT_EQUAL, code.value), *states[:_MOST_STATES]]:
        meaning = f"{spelled(key)} {'is' if operator is Operator.EQUAL else 'is not'} {value!r}"
        choice = Choice(ChoiceField.FILTER, phrase, label, meaning)
        yield Option(choice, (Fact(Term(key), operator, value),), (place, f"({label.lower()})"))
