"""Charts as pictures, drawn in this process without a browser; nothing is fetched, the data stand in the specification.

The first picture of a process takes half a second, while the renderer starts; each next one a twentieth.
"""

import json
from typing import Any

import vl_convert

MOST_MARKS = 10_000
MOST_BYTES = 4 * 2**20
LEAST_SCALE, MOST_SCALE = 1.0, 4.0


class ChartTooLarge(ValueError):
    """The specification holds more than a picture can show."""


def draw_svg(spec: dict[str, Any]) -> str:
    """The Vega-Lite specification as SVG. Raises ChartTooLarge, ValueError."""
    return str(vl_convert.vegalite_to_svg(_bounded(spec), allowed_base_urls=[]))


def draw_png(spec: dict[str, Any], scale: float = 2.0) -> bytes:
    """The same as PNG, `scale` pixels for a point, kept between 1 and 4. Raises ChartTooLarge, ValueError."""
    scale = min(max(scale, LEAST_SCALE), MOST_SCALE)
    return bytes(vl_convert.vegalite_to_png(_bounded(spec), scale=scale, allowed_base_urls=[]))


def _bounded(spec: dict[str, Any]) -> str:
    values = spec.get("data", {}).get("values", [])
    if len(values) > MOST_MARKS:
        raise ChartTooLarge(f"A chart shows at most {MOST_MARKS:,} marks.")
    text = json.dumps(spec, allow_nan=False)
    if len(text) > MOST_BYTES:
        raise ChartTooLarge("The chart's data are too large for a picture.")
    return text
