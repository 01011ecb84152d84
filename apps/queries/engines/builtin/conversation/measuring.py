"""The last measure for every group ("show it for each type"), no longer narrowed to one of these groups."""

import re
from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from apps.clarification.readings import Reading
from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.analysis import Analysis

from .account import words_of
from .joining import conjuncts
from .sources import Sources, is_aggregated
from .standing import Standing

_SHOWING = re.compile(
    r"^(?:(?:and|now|ok|so|please|can you|could you|what about) )*(?:(?:show|give|list|tell|break|split|see|what is"
    r"|what are|what was|count|display|do|calculate|compute|group)(?: me)? )?(?:it|that|this|them|those|these|the same)"
    r"(?: (?:down|up|out))? (?P<rest>(?:for each|for every|per|by|in each|for all) .+)$",
    re.IGNORECASE,
)


def without_showing(question: str) -> str | None:
    """ "Show it for each type" as "for each type"; None where the words ask for something else."""
    found = _SHOWING.match(question.strip())
    return found["rest"] if found else None


def freed(readings: Sequence[Reading], last: Standing, analysis: Analysis) -> list[Reading]:
    """The readings without the earlier conditions that would leave only one of the groups."""
    if last.tree.args.get("group") or not is_aggregated(last.tree):
        return list(readings)
    out = []
    for one in readings:
        tree = _freed(one.tree, last.tree, analysis.catalog) if isinstance(one.tree, exp.Select) else None
        out.append(one if tree is None else replace(one, tree=tree, explanation=words_of(tree, last, analysis)))
    return out


def _freed(tree: exp.Select, earlier: exp.Select, catalog: Catalog) -> exp.Select | None:
    """The query without conditions on its own groups that the earlier one had; None where there are none."""
    group, sources, before = tree.args.get("group"), Sources(tree, catalog), Sources(earlier, catalog)
    keys = {sources.key_of(one) for one in group.expressions if isinstance(one, exp.Column)} if group else set()
    known = {(before.key_of(one.this), one.expression) for one in conjuncts(earlier) if _is_one_value(one)}
    dropped = [
        one for one in conjuncts(tree)
        if _is_one_value(one) and (key := sources.key_of(one.this)) in keys and (key, one.expression) in known
    ]  # fmt: skip
    if not dropped:
        return None
    changed = tree.copy()
    changed.set("where", None)
    kept = [one.copy() for one in conjuncts(tree) if one not in dropped]
    return changed.where(*kept) if kept else changed


def _is_one_value(condition: exp.Expr) -> bool:
    return isinstance(condition, exp.EQ | exp.Like) and isinstance(condition.this, exp.Column)
