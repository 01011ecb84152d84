"""How charts look: colours that colour-blind people tell apart, and sizes."""

from typing import Any

# Four of Okabe and Ito's colours, darkened until each stands out from white (3:1, WCAG 1.4.11), and the four that a
# search over all colours put farthest from them as people with protanopia, deuteranopia and tritanopia see them.
PALETTE = ("#0072B2", "#D55E00", "#00856A", "#B0568A", "#781800", "#7800F0", "#1F2933", "#000078")
OTHERS = "#8A8A8A"
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 2], [1, 3], [10, 2, 2, 2])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
INK, QUIET, RULE = "#1F2933", "#52606D", "#D9DEE4"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

WIDTH, HEIGHT = 560, 280
BAR_STEP, GROUP_STEP = 22, 12
LABEL_LIMIT = 280
TITLE_CHARACTERS = 72


def config() -> dict[str, Any]:
    """Vega-Lite's `config` for every chart."""
    return {
        "background": "#FFFFFF",
        "font": FONT,
        "view": {"stroke": None},
        "title": {"fontSize": 15, "color": INK, "subtitleColor": QUIET, "subtitleFontSize": 12, "subtitlePadding": 6},
        "axis": {
            "labelColor": QUIET, "titleColor": INK, "gridColor": RULE, "domainColor": QUIET, "tickColor": QUIET,
            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
            "labelLimit": LABEL_LIMIT, "titleLimit": 420,
        },
        "legend": {
            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 180, "orient": "top",
        },
    }  # fmt: skip
