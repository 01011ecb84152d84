"""Says how an earlier answer came about: what was shown or counted, of which tables, under which conditions."""

from sqlglot import exp

from apps.clarification.readings import Reading, Reason
from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.explain import explain
from apps.queries.engines.builtin.gold import NotAPlan, read_plan

from .joining import conjuncts
from .standing import Standing

SURE = 0.92
MOST_CONDITIONS = 5
LONGEST = 200


def why(last: Standing, catalog: Catalog) -> Reading:
    """The last answer once more, read again under the rights of now, with an account of it. It never guesses at causes."""
    said = [f"I was asked “{last.question}”.", *_facts(last.tree, catalog), *last.assumptions]
    said.append("This says how the answer was computed. Why the figures are as they are, the data does not say.")
    words = described(last.tree, catalog) or "as computed before"
    return Reading(
        last.tree.copy(), SURE, tuple(dict.fromkeys(said)), reasons=(Reason("follow-up: explained", 1.0),),
        explanation=f"How the last answer came about: {words}",
    )  # fmt: skip


def described(tree: exp.Select, catalog: Catalog) -> str:
    """What a query computes, in words; empty where there are none for its shape."""
    try:
        return explain(read_plan(tree.sql(dialect=catalog.schema.dialect), catalog), catalog)
    except (NotAPlan, KeyError):
        return ""


def _facts(tree: exp.Select, catalog: Catalog) -> list[str]:
    dialect = catalog.schema.dialect
    tables = sorted({one.name for one in tree.find_all(exp.Table) if one.name})
    facts = [f"It reads {', '.join(tables)}."] if tables else []
    found = [one.sql(dialect=dialect)[:LONGEST] for one in conjuncts(tree)]
    if found:
        facts.append(f"Only rows where {' and '.join(found[:MOST_CONDITIONS])}.")
    if group := tree.args.get("group"):
        facts.append(f"For each {', '.join(one.sql(dialect=dialect)[:LONGEST] for one in group.expressions)}.")
    return facts
