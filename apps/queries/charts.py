"""Which chart fits a result, chosen from its columns; altair builds and checks it. No Django here.

The data of a chart is filled from the rows by code: nothing that a model wrote can become a bar.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import altair as alt

from apps.clarification.previews import shown
from apps.datasources.results import ResultColumn, ResultSet

MOST_BARS = 30
MOST_POINTS = 1_000
TIME_WORDS = ("year", "month", "quarter", "week", "day", "date")
KEY_ENDINGS = ("_id", " id", "_key", "_code")


@dataclass(frozen=True)
class ChartDraft:
    """A chart ready to be kept: `kind` is bar, line, scatter or number; `spec` is Vega-Lite."""

    kind: str
    title: str
    spec: dict[str, Any]


def draft_charts(result: ResultSet, title: str) -> list[ChartDraft]:
    """The chart that fits, or none: one number, a line over time, bars over categories, or points of two measures."""
    measures = [one for one in result.columns if _is_measure(one)]
    labels = [one for one in result.columns if one not in measures]
    if result.row_count == 1 and len(result.columns) == 1 and measures:
        return [_number(result, title)]
    if result.row_count < 2 or not measures or len(labels) > 1:
        return []
    if labels:
        label = labels[0]
        kind = "line" if _is_time(label) else "bar"
        if kind == "bar" and result.row_count > MOST_BARS:
            return []
        return [_over(result, label, measures[0], kind, title)]
    times = [one for one in measures if _is_time(one)]
    if times and len(measures) == 2:
        other = next(one for one in measures if one is not times[0])
        return [_over(result, times[0], other, "line", title)]
    if len(measures) == 2 and result.row_count <= MOST_POINTS:
        return [_scatter(result, measures[0], measures[1], title)]
    return []


def _is_measure(column: ResultColumn) -> bool:
    return column.type.is_number and not column.name.lower().endswith(KEY_ENDINGS) and column.name.lower() != "id"


def _is_time(column: ResultColumn) -> bool:
    name = column.name.lower()
    return column.type.is_temporal or any(name == word or name.endswith(f"_{word}") for word in TIME_WORDS)


def _rows(result: ResultSet, columns: Sequence[ResultColumn]) -> list[dict[str, Any]]:
    """The rows under neutral field names: a column called "a.b" or "x[0]" would mean a path to Vega-Lite."""
    places = [result.columns.index(column) for column in columns]
    return [{f"c{at}": _drawn(row[at]) for at in places} for row in result.rows[:MOST_POINTS]]


def _drawn(value: Any) -> Any:
    """A value as a chart takes it: exactness ends here, for the picture only."""
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _encoded(result: ResultSet, column: ResultColumn, kind: str) -> dict[str, Any]:
    return {"field": f"c{result.columns.index(column)}", "type": kind, "title": column.name.replace("_", " ")}


def _chart(result: ResultSet, columns: Sequence[ResultColumn], title: str) -> alt.Chart:
    data = alt.Data(values=_rows(result, columns))
    return alt.Chart(data, title=alt.TitleParams(title, anchor="start", limit=560), width=560, height=280)


def _over(result: ResultSet, label: ResultColumn, measure: ResultColumn, kind: str, title: str) -> ChartDraft:
    chart = _chart(result, [label, measure], title)
    value = _encoded(result, measure, "quantitative")
    if kind == "line":
        scale = "temporal" if label.type.is_temporal else "ordinal"
        drawn = chart.mark_line(point=True).encode(x=alt.X(**_encoded(result, label, scale)), y=alt.Y(**value))
    else:
        name = alt.Y(**_encoded(result, label, "nominal"), sort=None, axis=alt.Axis(labelLimit=220))
        drawn = chart.properties(height=alt.Step(22)).mark_bar().encode(y=name, x=alt.X(**value))
    return ChartDraft(kind, title, drawn.to_dict())


def _scatter(result: ResultSet, across: ResultColumn, up: ResultColumn, title: str) -> ChartDraft:
    chart = _chart(result, [across, up], title).mark_point()
    drawn = chart.encode(
        x=alt.X(**_encoded(result, across, "quantitative")), y=alt.Y(**_encoded(result, up, "quantitative"))
    )
    return ChartDraft("scatter", title, drawn.to_dict())


def _number(result: ResultSet, title: str) -> ChartDraft:
    """The value as the answer writes it, drawn as text: a picture must not round what the sentence says exactly."""
    value = shown(result.rows[0][0]) or "no value"
    data = alt.Data(values=[{"c0": value}])
    chart = alt.Chart(data, title=alt.TitleParams(title, anchor="start", limit=560), width=560, height=80)
    return ChartDraft("number", title, chart.mark_text(fontSize=42, align="center").encode(text="c0:N").to_dict())
