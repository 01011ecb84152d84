"""Open points about a value: which spelling is meant, and in which of several columns."""

from collections.abc import Collection, Sequence

from apps.clarification.readings import Choice, ChoiceField
from apps.queries.engines.builtin.plan import ColumnKey, Operator

from .draft import Draft, Option, key_words, spelled
from .frame import Fact, Term
from .values_found import Said


def offer_spellings(draft: Draft, said: Said, values: Sequence[str]) -> None:
    """Several stored values look like the one said: an open point."""
    key = said.places[0][0]
    options = [
        Option(
            Choice(ChoiceField.VALUE, said.text, value, f"{spelled(key)} is {value}"),
            (Fact(Term(key), Operator.EQUAL, value),),
        )
        for value in values[:4]
    ]
    everything = Fact(Term(key), Operator.IN, tuple(values))
    options.append(
        Option(Choice(ChoiceField.VALUE, said.text, "All of them", f"{spelled(key)} is any of these"), (everything,))
    )
    draft.forks.append(options)
    draft.says(said.start, f"for {said.text}")


def offer_names(draft: Draft, said: Said, key: ColumnKey, stored: str, others: Sequence[str]) -> None:
    """The value is stored under other names too: as it is said, or all of them."""
    every = (stored, *others)
    options = (
        (f"Only “{stored}”", f"{spelled(key)} is {stored}", Fact(Term(key), Operator.EQUAL, stored)),
        ("All spellings", f"{spelled(key)} is {', '.join(others)} or {stored}", Fact(Term(key), Operator.IN, every)),
    )
    asks = "Which spellings of “{phrase}” count?"
    draft.forks.append(
        [
            Option(Choice(ChoiceField.VALUE, said.text, label, meaning, asks), (fact,))
            for label, meaning, fact in options
        ]
    )
    draft.says(said.start, f"for {said.text}")


def offer_columns(
    draft: Draft, said: Said, places: Sequence[tuple[ColumnKey, str]], container: Collection[ColumnKey]
) -> bool:
    """Several columns of the same rows hold the value, none of them named: an open point."""
    if (
        len({key for key, _ in places}) < 2
        or len({key[0] for key, _ in places}) > 1
        or any(key in container for key, _ in places)
    ):
        return False
    if any(draft.catalog.columns[key].is_name for key, _ in places):
        return False
    draft.forks.append(
        [
            Option(
                Choice(
                    ChoiceField.VALUE,
                    said.text,
                    f"{key_words(draft.catalog, key).capitalize()} {value}",
                    f"{spelled(key)} is {value}",
                ),
                (Fact(Term(key), Operator.EQUAL, value),),
            )
            for key, value in places
        ]
    )
    draft.says(said.start, f"for {said.text}")
    return True
