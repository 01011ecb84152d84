"""Whether the values of columns that seem to refer to others stand there. No Django here: a caller runs the SQL."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from apps.common.errors import AppError
from apps.datasources.identifiers import identifier, reference
from apps.datasources.schema import Overlap, Schema, Table

from .inferred_keys import SHARED
from .joins import CONFIRMING_SHARE, LEAST_SHARE, Join, inferred_joins

MOST_JOINS = 200
MOST_VALUES = 200
FEWEST_VALUES = 3  # what one or two values do proves nothing
BUDGET_SECONDS = 20.0

Run = Callable[[str], Sequence[Sequence[Any]]]


def measured(schema: Schema, run: Run) -> tuple[Overlap, ...]:
    """The overlap of each inferred join, the likeliest first, until there are enough or the time is up.

    `run` takes SQL of the schema's dialect and gives its rows; a join for which it raises AppError stays unmeasured.
    """
    deadline = time.monotonic() + BUDGET_SECONDS
    joins = sorted(inferred_joins(replace(schema, overlaps=())), key=lambda join: -join.score)
    tables = {table.full_name: table for table in schema}
    found: list[Overlap] = []
    for join in joins[:MOST_JOINS]:
        if time.monotonic() > deadline:
            break
        overlap = _overlap(join, tables, schema.dialect, run)
        if overlap:
            found.append(overlap)
    return tuple(found)


def probe(join: Join, tables: dict[str, Table], dialect: str) -> str:
    """SQL for one row: how many different values were tried, how many of them stand in the target column, and whether
    anything stands there at all. Raises InvalidInput for a name that no engine can have."""
    column, target_column = exp.column(identifier(*join.columns)), exp.column(identifier(*join.target_columns))
    target = reference(tables[join.target])
    tried = exp.select(column.as_("said")).distinct().from_(reference(tables[join.table]))
    tried = tried.where(column.is_(exp.null()).not_()).limit(MOST_VALUES)
    there = exp.select(target_column.as_("kept")).from_(target).where(target_column.is_(exp.null()).not_()).limit(1)
    said, kept = exp.column("said", "tried"), exp.column(identifier(*join.target_columns), "target")
    hit = exp.Case().when(kept.is_(exp.null()).not_(), said)
    any_there = exp.select(exp.Count(this=exp.Star())).from_(there.subquery("there")).subquery()
    select = exp.select(_different(said).as_("sampled"), _different(hit).as_("matched"), any_there.as_("is_filled"))
    select = select.from_(tried.subquery("tried"))
    return select.join(target.as_("target"), on=said.eq(kept), join_type="left").sql(dialect=dialect)


def _different(value: exp.Expression) -> exp.Expression:
    return exp.Count(this=exp.Distinct(expressions=[value.copy()]))


def _overlap(join: Join, tables: dict[str, Table], dialect: str, run: Run) -> Overlap | None:
    """What the values say; of two columns of which either may be the one that is referred to, in the better direction.

    A direction of which nothing is known may be the right one: then the other one refutes nothing.
    """
    found = _share(join, tables, dialect, run)
    if (found is None or found[0] < CONFIRMING_SHARE) and _may_be_referred_to(join, tables[join.table]):
        directions = (found, _share(join.reversed(), tables, dialect, run))
        found = max((known for known in directions if known), default=None)
        if found and found[0] < LEAST_SHARE and None in directions:
            return None
    if found is None:
        return None
    share, sampled = found
    return Overlap(join.table, join.columns[0], join.target, join.target_columns[0], share, sampled)


def _may_be_referred_to(join: Join, table: Table) -> bool:
    own_keys = (table.primary_key, *table.unique_keys)
    return join.score == SHARED or not table.primary_key or join.columns in own_keys


def _share(join: Join, tables: dict[str, Table], dialect: str, run: Run) -> tuple[float, int] | None:
    """The share of one direction and how many values were tried; None where these say nothing."""
    try:
        [(sampled, matched, is_filled)] = run(probe(join, tables, dialect))
    except AppError:
        return None
    return (matched / sampled, sampled) if is_filled and sampled >= FEWEST_VALUES else None
