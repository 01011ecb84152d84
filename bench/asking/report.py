"""The table of docs/clarification.md and its figures."""

from collections.abc import Iterator, Sequence

from apps.clarification.choosing import Ask, Chosen, Option

from .answers import Answers


def table(outcomes: Sequence[Answers]) -> Iterator[str]:
    """One line a question: its kind, and what is asked back with what each choice brings."""
    yield "| question | kind | what comes of it |"
    yield "|---|---|---|"
    for one in outcomes:
        yield f"| {one.question.text} | {one.question.field or 'clear'} | {_told(one)} |"


def figures(outcomes: Sequence[Answers]) -> Iterator[str]:
    """How often it asks, and whether the choices are what they say."""
    ambiguous = [one for one in outcomes if one.question.is_ambiguous]
    clear = [one for one in outcomes if not one.question.is_ambiguous]
    options = sum(len(one.choice.options) for one in outcomes if isinstance(one.choice, Ask))
    kinds = {str(one.choice.field) for one in ambiguous if isinstance(one.choice, Ask)}
    same = sum(isinstance(one.choice, Ask) and one.choice.field == one.question.field for one in ambiguous)
    yield f"- asked: {_of(ambiguous)} ambiguous questions, {_of(clear)} clear ones"
    yield f"- of the kind that was meant: {same}, of {len(kinds)} kinds"
    yield f"- every written meaning among the answers: {sum(all(one.found) for one in ambiguous)} of {len(ambiguous)}"
    yield f"- choices: {options}; that bring other rows than promised: {sum(len(one.broken) for one in outcomes)}"
    yield f"- clear questions answered right: {sum(all(one.found) for one in clear)} of {len(clear)}"


def _of(outcomes: Sequence[Answers]) -> str:
    return f"{sum(one.is_asked for one in outcomes)} of {len(outcomes)}"


def _told(one: Answers) -> str:
    if not isinstance(one.choice, Ask):
        return "answered" if isinstance(one.choice, Chosen) else "declined"
    options = "; ".join(f"**{option.label}** ({option.meaning}): {_first_row(option)}" for option in one.choice.options)
    return f"{one.choice.question} {options}".replace("|", "\\|")


def _first_row(option: Option) -> str:
    rows = option.preview.rows if option.preview else ()
    first = " · ".join(rows[0]) if rows else "nothing"
    return f"{first} …" if len(rows) > 1 else first
