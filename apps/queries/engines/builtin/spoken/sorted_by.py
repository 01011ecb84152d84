"""Puts a wish for an order into the frame."""

from dataclasses import replace

from .comparisons import own_column
from .draft import Draft, NotUnderstood, Role
from .frame import Order, Term


def sort_rows(draft: Draft) -> None:
    """The frame ordered as was asked. Raises NotUnderstood where it is not clear by what."""
    mark, frame = draft.sort, draft.frame
    if mark is None:
        return
    shown = [*(group.term for group in frame.groups), *frame.show]
    if mark.by is None:
        draft.frame = replace(frame, sort=Order(shown[0])) if shown else frame
        return
    named = draft.one(Role.SORT)
    if named is None:
        if mark.descending is None or frame.measure is None:
            raise NotUnderstood("sorted by what?")
        draft.frame = replace(frame, sort=Order(None, mark.descending))
        return
    named.is_used = True
    term = next((one for one in shown if one.key in named.mention.columns), None)
    if term is None and frame.measure and not _is_column(draft, named.mention.columns):
        draft.frame = replace(frame, sort=Order(None, mark.descending is not False))
    else:
        key = own_column(draft, named.mention.columns)
        if term is None and key is None:
            raise NotUnderstood("sorted by which column?")
        draft.frame = replace(frame, sort=Order(term or Term(key or ("", "")), bool(mark.descending)))
    draft.says(mark.start, f"sorted by {draft.words.text(named.mention.start, named.mention.end)}")


def _is_column(draft: Draft, columns: tuple[tuple[str, str], ...]) -> bool:
    """Whether the name is a column of the rows, and not what is measured."""
    measured = draft.frame.measure.column if draft.frame.measure else None
    return own_column(draft, columns) is not None and measured not in columns
