"""A chart in its query's shape."""

import uuid
from typing import Any

from apps.queries.models import Chart

PICTURES = ("svg", "png")


def chart_json(chart: Chart, query_pk: uuid.UUID, number: int) -> dict[str, Any]:
    """A chart in its query's shape; `number` is its place there, counted from 0."""
    base = f"/api/v1/queries/{query_pk}/charts/{number}"
    return {
        "title": chart.title,
        "spec": chart.spec,
        "kind": chart.kind,
        "links": {extension: f"{base}.{extension}" for extension in PICTURES},
    }
