"""Which columns a rule's meaning stands on: who may not see them neither sees the rule nor is touched by it."""

import re
from dataclasses import dataclass, field

from apps.clarification.models import Rule
from apps.datasources.access import Access

NAME = re.compile(r"\w+(?:\.\w+)+")  # wider than what tells meanings apart: a table may be called 2024_orders


@dataclass(frozen=True)
class Grounds:
    """What a rule's meaning stands on, for whoever made it: as `Rule` keeps it."""

    policy: str = ""
    reads: dict[str, list[str]] | None = None
    limits: dict[str, list[str]] = field(default_factory=dict)
    names_values: bool = True


def widen(rule: Rule, added: Grounds) -> None:
    """What its words name now, beside what it stood on before: who may not see either does not see it."""
    reads = {table: set(columns) for table, columns in (rule.reads or {}).items()}
    for table, columns in (added.reads or {}).items():
        reads.setdefault(table, set()).update(columns)
    rule.reads = {table: sorted(columns) for table, columns in sorted(reads.items())} or None
    rule.policy, rule.names_values = added.policy, True


def grounds_of_words(access: Access, label: str, meaning: str) -> Grounds:
    """The columns that a rule's words name, of whichever table where they name none. Without any, it is for those who
    read the source as its author does.
    """
    reads: dict[str, set[str]] = {}
    text = f"{label} {meaning}"
    said = [name.casefold().split(".") for name in NAME.findall(text)]
    bare = set(re.findall(r"\w+", NAME.sub(" ", text).casefold()))
    for table in access.schema:
        named = {column.name for column in table.columns if column.name.casefold() in bare}
        if named:
            reads.setdefault(table.full_name, set()).update(named)
        for *before, last in said:
            column = table.column(last)
            if column is not None and table.full_name.casefold().split(".")[-len(before) :] == before:
                reads.setdefault(table.full_name, set()).add(column.name)
    return Grounds(access.policy, {table: sorted(columns) for table, columns in sorted(reads.items())} or None)
