"""From a result, a question and perhaps a proposal to a chart that is ready to be kept."""

from dataclasses import dataclass, replace
from typing import Any

from apps.datasources.results import ResultSet
from apps.queries.charts.choosing import chosen_plan, fitting_plans
from apps.queries.charts.columns import ChartColumn, Role, columns_of
from apps.queries.charts.kinds import ChartKind, kind_named
from apps.queries.charts.layout import filled
from apps.queries.charts.marks import is_sorted_by
from apps.queries.charts.material import Material, Plan
from apps.queries.charts.proposals import ChartProposal, column_named, plain_title, why_not_titled
from apps.queries.charts.specs import spec_of
from apps.queries.charts.units import words_of
from apps.queries.charts.wishes import Aim, wish_of


@dataclass(frozen=True)
class ChartDraft:
    """A chart ready to be kept: `kind` is a ChartKind's value, `spec` Vega-Lite with its data.

    `notes` say in sentences what was asked for or proposed and is not drawn, and why.
    """

    kind: str
    title: str
    spec: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChartChoice:
    """What was chosen. Without a draft the kind is TABLE, and `notes` say why."""

    kind: ChartKind
    draft: ChartDraft | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ChartOption:
    """A kind that would show the result honestly, and the columns that it would show."""

    kind: ChartKind
    x: str | None
    y: tuple[str, ...]
    series: str | None


@dataclass(frozen=True)
class ColumnSketch:
    """What a model may know of a column without seeing a value of it."""

    name: str
    type: str
    role: str
    distinct: int


def draft_charts(
    result: ResultSet, question: str, proposal: ChartProposal | None = None, *, is_ordered: bool | None = None
) -> list[ChartDraft]:
    """The chart that fits, or none; see `choose_chart`, which also says why there is none."""
    draft = choose_chart(result, question, proposal, is_ordered=is_ordered).draft
    return [draft] if draft else []


def choose_chart(
    result: ResultSet, question: str, proposal: ChartProposal | None = None, *, is_ordered: bool | None = None
) -> ChartChoice:
    """The chart that shows this result: as the person wished, else as proposed, else by the rules of docs/charts.md.

    `is_ordered` says whether the SQL sorts the rows; None: judged by the rows themselves.
    """
    proposal = proposal or ChartProposal()
    material = _material(result, question, is_ordered)
    wanted, notes = _with_proposed_columns(material, proposal)
    kind = kind_named(proposal.kind)
    if proposal.kind and kind is None:
        notes = (*notes, "The proposed kind is not known.")
    plan, reasons = chosen_plan(wanted, kind)
    if wanted is not material and (plan is None or plan.kind not in (material.wish.kind, kind)):
        plan, reasons = chosen_plan(material, kind)
    if plan is None:
        return ChartChoice(ChartKind.TABLE, None, (*notes, *reasons))
    title, title_notes = _title(question, proposal, material)
    draft = _draft(plan, material, title, proposal.sort, (*notes, *reasons, *title_notes))
    return ChartChoice(plan.kind, draft, draft.notes)


def chart_choices(result: ResultSet, question: str) -> list[ChartOption]:
    """The kinds a model may choose from, by names of columns; empty where no chart fits or none is wanted."""
    material = _material(result, question, None)
    if material.wish.kind == ChartKind.TABLE:
        return []
    return [
        ChartOption(
            kind, plan.x.name if plan.x else None, tuple(one.name for one in plan.measures),
            plan.series.name if plan.series else None,
        )
        for kind, plan in fitting_plans(material).items()
    ]  # fmt: skip


def column_sketches(result: ResultSet) -> list[ColumnSketch]:
    """The columns by name, type, role and number of different values."""
    return [ColumnSketch(one.name, one.type.value, one.role.value, one.distinct) for one in columns_of(result)]


def _material(result: ResultSet, question: str, is_ordered: bool | None) -> Material:
    wish = wish_of(question)
    columns = tuple(columns_of(result, question_asks_for_totals=Aim.TOTAL in wish.aims))
    return Material(
        columns, result.row_count, result.truncated, wish, is_ordered=is_ordered, named=_named(question, columns)
    )


def _named(question: str, columns: tuple[ChartColumn, ...]) -> tuple[ChartColumn, ...]:
    """The measures whose names stand in the question; none where all do."""
    words = {word.rstrip("s") for word in words_of(question)}
    measures = [one for one in columns if one.role == Role.MEASURE]
    found = [one for one in measures if {word.rstrip("s") for word in words_of(one.name)} <= words]
    return tuple(found) if len(found) < len(measures) else ()


def _with_proposed_columns(material: Material, proposal: ChartProposal) -> tuple[Material, tuple[str, ...]]:
    """The material with the proposed columns where they are there and can be what they are proposed for."""
    notes: list[str] = []
    taken: dict[str, ChartColumn] = {}
    for place, name in (("x", proposal.x), ("y", proposal.y), ("series", proposal.series)):
        if not name:
            continue
        column = column_named(name, material.columns)
        if column is None:
            notes.append(f'There is no column "{plain_title(name)[:60]}" to draw.')
        elif column.role == Role.NOTHING or ((place == "y") != (column.role == Role.MEASURE) and place != "x"):
            notes.append(f"{column.title} cannot be drawn as {'a measure' if place == 'y' else 'a series'}.")
        elif column not in taken.values():
            taken[place] = column
    if not taken:
        return material, tuple(notes)
    return replace(material, x=taken.get("x"), y=taken.get("y"), series=taken.get("series")), tuple(notes)


def _title(question: str, proposal: ChartProposal, material: Material) -> tuple[str, tuple[str, ...]]:
    proposed = plain_title(proposal.title)
    own = plain_title(question) or "Result"
    if not proposed:
        return own, ()
    reason = why_not_titled(proposal.title, question, material.columns)
    return (own, (f"The question is the title: {reason}.",)) if reason else (proposed, ())


def _draft(plan: Plan, material: Material, title: str, sort: str, notes: tuple[str, ...]) -> ChartDraft:
    marks = filled(plan, sort or _order(plan, material), truncated=material.truncated)
    spec = spec_of(plan, marks, title)
    more = [marks.caption] if marks.caption else []
    return ChartDraft(plan.kind.value, title, spec, tuple(dict.fromkeys([*notes, *more])))


def _order(plan: Plan, material: Material) -> str:
    """Steps of a scale by themselves; otherwise the result's own order where it has one, else by value."""
    if plan.x is not None and plan.x.is_ordinal:
        return "label"
    if material.is_ordered is None:
        return "none" if is_sorted_by(plan.measures[0]) else "value"
    return "none" if material.is_ordered else "value"
