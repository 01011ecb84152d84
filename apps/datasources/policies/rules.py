"""A policy as plain values: which tables and columns may be seen, which rows, and what is shown instead of a value.

No Django here. The JSON form is what the API takes and our database keeps.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.common.errors import InvalidInput
from apps.datasources.access import Mask, MaskKind

MOST_NAMES = 5_000
LONGEST_CONDITION = 4_000
LONGEST_MASK = 60
_RULE_FIELDS = frozenset({"table", "columns", "filter", "masks"})


@dataclass(frozen=True)
class Selection:
    """An allow-list, or everything but the names. Names are compared without case."""

    only: bool = False
    names: tuple[str, ...] = ()

    def holds(self, name: str) -> bool:
        """Whether this name is selected; what an allow-list does not name is not, however new it is."""
        is_named = name.lower() in {one.lower() for one in self.names}
        return is_named if self.only else not is_named

    def to_json(self) -> dict[str, list[str]]:
        return {"only" if self.only else "except": list(self.names)}


EVERYTHING = Selection()


@dataclass(frozen=True)
class TableRule:
    """What may be seen of one table: its columns, the rows that `condition` lets through, and what is masked."""

    table: str
    columns: Selection = EVERYTHING
    condition: str = ""
    masks: tuple[tuple[str, Mask], ...] = ()

    def to_json(self) -> dict[str, Any]:
        masks = {name: {"kind": mask.kind.value, "text": mask.text} for name, mask in self.masks}
        return {"table": self.table, "columns": self.columns.to_json(), "filter": self.condition, "masks": masks}


@dataclass(frozen=True)
class Policy:
    """What may be seen of one data source."""

    tables: Selection = EVERYTHING
    rules: tuple[TableRule, ...] = ()

    def rule(self, full_name: str) -> tuple[int, TableRule] | None:
        """The rule of this table with its place in the list."""
        found = (pair for pair in enumerate(self.rules) if pair[1].table.lower() == full_name.lower())
        return next(found, None)

    def to_json(self) -> dict[str, Any]:
        return {"tables": self.tables.to_json(), "rules": [rule.to_json() for rule in self.rules]}


def policy_of(tables: Any, rules: Any) -> Policy:
    """The policy in this JSON. Raises InvalidInput naming the field that has not the right shape."""
    if not isinstance(rules, list) or len(rules) > MOST_NAMES:
        raise wrong("rules", f"A list of at most {MOST_NAMES} rules is wanted.")
    return Policy(_selection(tables, "tables"), tuple(_rules(rules)))


def wrong(field: str, message: str) -> InvalidInput:
    """An error that names the field at fault; what came in may hold half a character."""
    field, message = (text.encode("utf-8", "replace").decode() for text in (field, message))
    return InvalidInput(f"{field}: {message}", details={field: [message]})


def _rules(given: list[Any]) -> Iterator[TableRule]:
    for position, rule in enumerate(given):
        place = f"rules.{position}"
        if not isinstance(rule, Mapping):
            raise wrong(place, "An object is wanted.")
        if unknown := sorted(set(rule) - _RULE_FIELDS):
            raise wrong(f"{place}.{unknown[0]}", "Unknown field.")
        yield TableRule(
            table=_text(rule.get("table"), f"{place}.table", 300),
            columns=_selection(rule.get("columns", {"except": []}), f"{place}.columns"),
            condition=_text(rule.get("filter", ""), f"{place}.filter", LONGEST_CONDITION, may_be_empty=True).strip(),
            masks=tuple(_masks(rule.get("masks", {}), f"{place}.masks")),
        )


def _selection(given: Any, place: str) -> Selection:
    if not isinstance(given, Mapping) or set(given) not in ({"only"}, {"except"}):
        raise wrong(place, 'Either {"only": [names]} or {"except": [names]} is wanted.')
    kind, names = next(iter(given.items()))
    if not isinstance(names, list) or len(names) > MOST_NAMES:
        raise wrong(f"{place}.{kind}", f"A list of at most {MOST_NAMES} names is wanted.")
    return Selection(kind == "only", tuple(_text(name, f"{place}.{kind}", 300) for name in names))


def _masks(given: Any, place: str) -> Iterator[tuple[str, Mask]]:
    if not isinstance(given, Mapping):
        raise wrong(place, "An object from column to mask is wanted.")
    for column, mask in given.items():
        here = f"{place}.{column}"
        if not isinstance(mask, Mapping) or set(mask) - {"kind", "text"}:
            raise wrong(here, 'An object like {"kind": "fixed", "text": "***"} is wanted.')
        if mask.get("kind") not in set(MaskKind):
            raise wrong(f"{here}.kind", f"One of {', '.join(MaskKind)} is wanted.")
        kind = MaskKind(mask["kind"])
        text = _text(mask.get("text", ""), f"{here}.text", LONGEST_MASK, may_be_empty=True)
        if text and kind is not MaskKind.FIXED:
            raise wrong(f"{here}.text", "Only the mask fixed shows a text.")
        if "\\" in text or not text.isprintable():
            raise wrong(f"{here}.text", "Printable characters are wanted, and no backslash.")
        yield str(column), Mask(kind, text)


def _text(given: Any, place: str, longest: int, *, may_be_empty: bool = False) -> str:
    if not isinstance(given, str) or "\x00" in given or len(given) > longest or not (given.strip() or may_be_empty):
        raise wrong(place, f"A text of at most {longest} characters is wanted.")
    return given
