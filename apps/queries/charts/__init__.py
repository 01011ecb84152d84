"""Which chart fits a result: chosen by rules, filled from the rows, built by altair, drawn here. No Django here.

A person's words and a model's proposal may choose a kind, columns and a title; no number of theirs can become a mark.
"""

from apps.queries.charts.drafting import (
    ChartChoice,
    ChartDraft,
    ChartOption,
    ColumnSketch,
    chart_choices,
    choose_chart,
    column_sketches,
    draft_charts,
)
from apps.queries.charts.images import ChartTooLarge, draw_png, draw_svg
from apps.queries.charts.kinds import ChartKind
from apps.queries.charts.proposals import ChartProposal

__all__ = [
    "ChartChoice",
    "ChartDraft",
    "ChartKind",
    "ChartOption",
    "ChartProposal",
    "ChartTooLarge",
    "ColumnSketch",
    "chart_choices",
    "choose_chart",
    "column_sketches",
    "draft_charts",
    "draw_png",
    "draw_svg",
]
