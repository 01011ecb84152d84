"""Charts as pictures, drawn in this process without a browser; nothing is fetched, the data stand in the specification.

The first picture of a process takes half a second, while the renderer starts; each next one a twentieth.
The renderer ends the whole process over a character that XML does not allow (seen with U+0000, U+001B and U+FFFF), and
takes minutes for a text of 200,000 characters: neither may reach it, whoever made the specification.
"""

import json
import re
from typing import Any

import vl_convert

MOST_MARKS = 10_000
MOST_BYTES = 4 * 2**20
MOST_CHARACTERS = 1_000
LEAST_SCALE, MOST_SCALE = 1.0, 4.0
# Also the separators of lines and paragraphs, over which the renderer's own JavaScript stumbles.
_NOT_DRAWN = re.compile("[^\t\n\r\u0020-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    text = json.dumps(_drawable(spec), allow_nan=False)
    if len(text) > MOST_BYTES:
        raise ChartTooLarge("The chart's data are too large for a picture.")
    return text


def _drawable(value: Any) -> Any:
    if isinstance(value, str):
        return _NOT_DRAWN.sub("\N{REPLACEMENT CHARACTER}", value[:MOST_CHARACTERS])
    if isinstance(value, list):
        return [_drawable(one) for one in value]
    if isinstance(value, dict):
        return {_drawable(key): _drawable(one) for key, one in value.items()}
    return value
