"""Figures and flips as text, as documents and terminals show them. No Django here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .flips import Difference, Flip

MOST_FLIPS_OF_A_KIND = 20


def table_by(title: str, figures: Mapping[str, Mapping[str, Any]]) -> str:
    """A Markdown table of EX by class or difficulty, the largest group first."""
    rows = sorted(figures.items(), key=lambda one: -one[1]["n"])
    lines = [f"| {title} | n | missed | EX |", "|---|---|---|---|"]
    lines += [f"| {name} | {one['n']} | {one['missed']} | {one['ex']:.2f} |" for name, one in rows]
    return "\n".join(lines)


def difference_text(found: Difference) -> str:
    """All kinds of flips with their counts, each with its questions."""
    return "\n".join(_lines(found))


def _lines(found: Difference) -> Iterator[str]:
    yield f"{found.compared} questions compared, {len(found.flips)} with another outcome"
    if found.only_before or found.only_after:
        yield f"{found.only_before} only in the first, {found.only_after} only in the second"
    for kind, count in found.by_kind.items():
        yield f"\n{kind}: {count}"
        yield from _questions([one for one in found.flips if one.kind == kind])


def _questions(flips: Sequence[Flip]) -> Iterator[str]:
    for one in flips[:MOST_FLIPS_OF_A_KIND]:
        yield f"  {one.id}: {one.question}"
    if len(flips) > MOST_FLIPS_OF_A_KIND:
        yield f"  … and {len(flips) - MOST_FLIPS_OF_A_KIND} more"
