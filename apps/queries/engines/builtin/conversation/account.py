"""Says how an earlier answer came about: what was shown or counted, of which tables, under which conditions."""

from sqlglot import exp

from apps.clarification.readings import Reading, Reason
from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.explain import explain
from apps.queries.engines.builtin.gold import NotAPlan, read_plan

from .joining import conjuncts
from .standing import Standing

SURE = 0.92
MOST_CONDITIONS = 5
LONGEST = 200
GOING_ON = "This goes on from before"


def why(last: Standing, catalog: Catalog) -> Reading:
    """The last answer once more, read under the rights of now, with an account of it. It never guesses at causes."""
    said = [f"I was asked “{last.question}”.", *_facts(last.query, catalog), *last.assumptions]
    said.append("This says how the answer was computed. Why the figures are as they are, the data does not say.")
    words = described(last.query, catalog) or "as computed before"
    return Reading(
        last.query.copy(), SURE, tuple(dict.fromkeys(said)), reasons=(Reason("follow-up: explained", 1.0),),
        explanation=f"How the last answer came about: {words}",
    )  # fmt: skip


def reading_of(tree: exp.Query, last: Standing, analysis: Analysis, how: str) -> Reading:
    """A reading made from the last answer's SQL; what that answer rested on, this one rests on too."""
    settled = tuple(one for one in last.assumptions if not one.startswith(GOING_ON))
    words = words_of(tree, last, analysis)
    return Reading(
        tree, SURE, (going_on(last), *settled), reasons=(Reason(f"follow-up: {how}", 1.0),), explanation=words
    )


def going_on(last: Standing) -> str:
    """What a follow-up leans on."""
    return f"{GOING_ON}: “{last.question}”."


def words_of(tree: exp.Query, last: Standing, analysis: Analysis) -> str:
    """What a follow-up's SQL computes; where no words say it, the two questions."""
    return described(tree, analysis.catalog) or f"“{last.question}”, {analysis.context.question.strip(' ?.!')}"


def described(tree: exp.Query, catalog: Catalog) -> str:
    """What a query computes, in words; empty where there are none for its shape."""
    try:
        return explain(read_plan(tree.sql(dialect=catalog.schema.dialect), catalog), catalog)
    except (NotAPlan, KeyError):
        return ""


def _facts(tree: exp.Query, catalog: Catalog) -> list[str]:
    dialect = catalog.schema.dialect
    tables = sorted({one.name for one in tree.find_all(exp.Table) if one.name})
    facts = [f"It reads {', '.join(tables)}."] if tables else []
    select = tree if isinstance(tree, exp.Select) else exp.Select()
    found = [one.sql(dialect=dialect)[:LONGEST] for one in conjuncts(select)]
    if found:
        facts.append(f"Only rows where {' and '.join(found[:MOST_CONDITIONS])}.")
    if group := select.args.get("group"):
        facts.append(f"For each {', '.join(one.sql(dialect=dialect)[:LONGEST] for one in group.expressions)}.")
    return facts
