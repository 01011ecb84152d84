"""What a drawn chart shows, without its pixels: marks, words, colours. Kept in structures/, one file a shape.

`python -m tests.queries.charts.structures --write` writes them anew; look at the charts before you commit that.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from apps.queries.charts import choose_chart, draw_svg
from tests.queries.charts.shapes import Shape, shapes

FOLDER = Path(__file__).parent / "structures"
_SVG = "{http://www.w3.org/2000/svg}"


def structure_of(svg: str) -> dict[str, Any]:
    """Marks by sort, the words of title, axes and legend, and the colours of the marks."""
    root = ElementTree.fromstring(svg)
    return {
        "marks": dict(sorted(_marks(root).items())),
        "title": _words(root, "role-title-text"),
        "subtitle": _words(root, "role-title-subtitle"),
        "axis_titles": _words(root, "role-axis-title"),
        "axis_labels": _words(root, "role-axis-label"),
        "legend": [*_words(root, "role-legend-title"), *_words(root, "role-legend-label")],
        "colors": sorted({color for _, one in _drawn(root) for color in _colors(one)}),
    }


def drawn_structure(shape: Shape) -> dict[str, Any]:
    """The shape's chart: its kind, and what is seen of it."""
    choice = choose_chart(shape.result, shape.question)
    assert choice.draft is not None
    return {"kind": choice.kind.value, **structure_of(draw_svg(choice.draft.spec))}


def _drawn(root: ElementTree.Element) -> list[tuple[str, ElementTree.Element]]:
    """The shapes that stand for data, with the sort of their group."""
    found = []
    for group in root.iter(f"{_SVG}g"):
        sort = group.get("class", "")
        if "role-mark" in sort and "mark-group" not in sort:
            found += [(sort.split()[0], one) for one in group if one.tag in (f"{_SVG}path", f"{_SVG}text")]
    return found


def _marks(root: ElementTree.Element) -> Counter[str]:
    return Counter(sort for sort, one in _drawn(root) if one.get("d") or one.text)


def _colors(one: ElementTree.Element) -> set[str]:
    return {value for name in ("fill", "stroke") if (value := one.get(name, "none")).startswith("#")}


def _words(root: ElementTree.Element, role: str) -> list[str]:
    groups = [group for group in root.iter(f"{_SVG}g") if role in group.get("class", "").split()]
    texts = (text for group in groups for text in group.iter(f"{_SVG}text"))
    return ["".join(text.itertext()) for text in texts if text.get("opacity") != "0"]


def main() -> None:
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.queries.charts.structures --write")
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, shape in shapes().items():
        text = json.dumps(drawn_structure(shape), indent=1, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
