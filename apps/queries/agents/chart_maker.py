"""The chart maker: which of the charts that would be honest tells most. It sees columns by name and type, no value."""

from collections.abc import Sequence

from apps.datasources.results import ResultSet
from apps.queries.agents.desk import ModelDesk
from apps.queries.charts import ChartOption, ChartProposal, ColumnSketch, column_sketches
from apps.queries.engines.model.budget import NOTHING
from apps.queries.engines.model.plain_words import plain_words
from apps.queries.engines.model.told_text import LONGEST_QUESTION
from apps.queries.prompts.quoting import quoted

MOST_COLUMNS = 40


def ask_chart_maker(
    desk: ModelDesk, question: str, task: str, result: ResultSet, options: Sequence[ChartOption], *, seconds: float
) -> ChartProposal:
    """The model's choice among these charts. Raises ModelError."""
    hide = desk.names.hide_known
    proposal = desk.ask(
        ChartProposal, desk.models.small, "chart", seconds=seconds,
        offered="\n".join(_option_text(one, desk) for one in options),
        columns="\n".join(_column_text(one, desk) for one in column_sketches(result)[:MOST_COLUMNS]),
        task=quoted(hide(task)) if task else NOTHING,
        question=quoted(hide(question), longest=LONGEST_QUESTION),
    )  # fmt: skip
    said = desk.names.restore
    named = {name: said(plain_words(getattr(proposal, name))) for name in ("x", "y", "series")}
    return proposal.model_copy(update={**named, "title": desk.said_again(proposal.title)})


def _option_text(one: ChartOption, desk: ModelDesk) -> str:
    parts = {"x": [one.x] if one.x else [], "y": one.y, "series": [one.series] if one.series else []}
    told = [f"{place} {', '.join(_name(name, desk) for name in names)}" for place, names in parts.items() if names]
    return "; ".join([one.kind.value, *told])


def _column_text(one: ColumnSketch, desk: ModelDesk) -> str:
    return f"{_name(one.name, desk)} {one.type}, {one.role}, {one.distinct} different values"


def _name(name: str, desk: ModelDesk) -> str:
    """A name of a column may be made of the question's words: what is hidden there is hidden here."""
    return quoted(desk.names.hide_known(name))
