"""What the classifiers look at, as named features. Names of the schema never appear in them, only what they are."""

from apps.knowledge.catalog import ColumnEntry, Kind

from .analysis import Analysis
from .cues import cue_features, meanings
from .places import STRONG, kind_of, strength
from .spans import SpanKind, ValueSpan
from .units import Units


def question_features(units: Units) -> list[str]:
    """The question as a whole: word groups of one to four units, how it opens, what it holds."""
    marks = [mark for mark in units.marks() if mark not in (",", ".", "?", "!", "the", "a", "an")]
    padded = ["<s>", *marks, "</s>"]
    found = {"bias"}
    for size in (1, 2, 3, 4):
        for start in range(len(padded) - size + 1):
            found.add(" ".join(padded[start : start + size]))
    for start in range(len(padded) - 2):
        found.add(f"{padded[start]} _ {padded[start + 2]}")
        if start + 3 < len(padded):
            found.add(f"{padded[start]} _ _ {padded[start + 3]}")
    general = [mark[:3] for mark in marks if mark.startswith(("COL", "TAB", "VAL", "NUM"))]
    found.add("names=" + " ".join(general[:6]))
    for kind in ("COL", "TAB", "VAL", "NUM"):
        found.add(f"#{kind}={min(general.count(kind), 4)}")
    said = [meaning for mark in marks for meaning in meanings(mark)]
    found.update(f"~{meaning}" for meaning in said)
    found.update(f"~{one} ~{other}" for one in set(said) for other in set(said) if one < other)
    found.add(f"sentences={sum(mark in ('.', '?') for mark in units.marks()[:-1])}")
    return sorted(found)


def span_features(span: ValueSpan, units: Units) -> list[str]:
    """The surroundings of a constant."""
    first, last = units.of_token[span.start], units.of_token[span.end - 1]
    before = [units.mark(first - step) for step in (1, 2, 3, 4)]
    after = [units.mark(last + step) for step in (1, 2, 3)]
    number = span.constants[0] if span.kind is SpanKind.NUMBER else None
    size = "date" if isinstance(number, str) else _number_size(number)
    kind = f"{span.kind}{'!' if span.quoted else ''}{size}"
    return [
        "bias", f"kind={kind}", f"p1={before[0]}", f"p2={before[1]}", f"p3={before[2]}", f"n1={after[0]}",
        f"n2={after[1]}",
        f"p21={before[1]} {before[0]}", f"p321={before[2]} {before[1]} {before[0]}", f"n12={after[0]} {after[1]}",
        f"pn={before[0]}|{after[0]}", f"kind={kind} p1={before[0]}", f"kind={kind} n1={after[0]}",
        f"marker={units.marker_before(first)}",
        f"p4321={before[3]} {before[2]} {before[1]} {before[0]}", f"p21n1={before[1]} {before[0]}|{after[0]}",
        f"kind={kind} marker={units.marker_before(first)}", f"opening={units.mark(0)} {units.mark(1)} {kind}",
        *cue_features((units.mark(first - step) for step in range(1, 6)), "before"),
        *cue_features((units.mark(first - step) for step in range(1, 10)), "far before"),
        *cue_features((units.mark(last + step) for step in range(1, 4)), "after"),
        *(f"bag={units.mark(first - step)}" for step in range(1, 6)),
    ]  # fmt: skip


def _number_size(number: float | None) -> str:
    if number is None:
        return ""
    if number != int(number):
        return "real"
    if 1800 <= number <= 2100:
        return "year"
    return "small" if number <= 12 else "big"


def binding_features(span: ValueSpan, entry: ColumnEntry, analysis: Analysis, units: Units) -> list[str]:
    """What speaks for a constant being a value of this column."""
    first = units.of_token[span.start]
    kind = kind_of(entry)
    held = next(((index, score) for index, (key, _, score) in enumerate(span.matches) if key == entry.key), None)
    match = "none" if held is None else "exact" if held[1] >= 0.98 else "near" if held[1] > 0.6 else "part"
    number = span.constants[0] if span.kind not in (SpanKind.TEXT, SpanKind.FLAG) else None
    size = _number_size(number) if isinstance(number, int | float) else "date" if number else ""
    said, gap, quality = _nearest_mention(span, entry, analysis)
    table = _span_table(span, entry, analysis)
    fits = f"{span.kind}{size}-{kind}"
    before = units.mark(first - 1)
    features = [
        f"fits={fits}", f"match={match}", f"match={match} {min(len(span.matches), 4)}", f"said={said}",
        f"said={said} gap={gap}",
        f"said={said} q={quality}", f"said={said} {fits}", f"match={match} said={said}", f"table={table}",
        f"table={table} match={match}", f"table={table} said={said}", f"match={match} {kind}",
        f"quoted={span.quoted} match={match}",
        f"table={table} match={match} {kind}", f"keys={entry.is_primary:d}{entry.is_foreign:d} {match}",
        f"p1={before} {fits}", f"p1={before} {said}", f"rank={min(held[0], 3) if held else 0} {match}",
        f"said={said} gap={gap} q={quality}", f"only={len(span.matches) == 1} {match} {said}",
        f"position={min(entry.position, 2)} {match}",
    ]  # fmt: skip
    features += [
        f"nearest={_is_nearest(span, entry, analysis)} {fits}",
        f"nearest={_is_nearest(span, entry, analysis)} {match}",
    ]
    between = _between(span, entry, analysis)
    if between is not None:
        features += [f"between={between}", f"between={between} {kind}"]
    return features


def _nearest_mention(span: ValueSpan, entry: ColumnEntry, analysis: Analysis) -> tuple[str, int, int]:
    """(before, after, inside or no; gap in tokens; quality) of the column's nearest link."""
    best = ("no", 0, 0)
    best_gap = 99.0
    for one in analysis.column_links.get(entry.key, ()):
        side, gap = ("before", span.start - one.end) if one.end <= span.start else ("after", one.start - span.end)
        if gap < 0:
            side, gap = "inside", 0
        if gap + (0.5 if side == "after" else 0) - one.quality < best_gap:
            best_gap = gap + (0.5 if side == "after" else 0) - one.quality
            best = (side, gap if gap < 5 else 5 if gap < 9 else 9, int(one.quality * 5))
    return best


def _is_nearest(span: ValueSpan, entry: ColumnEntry, analysis: Analysis) -> str:
    """Whether this column is the surest name before the constant, or shares that name's place."""
    before = [one for one in analysis.links if one.column and one.end <= span.start and one.quality >= STRONG]
    if not before:
        return "none"
    last = max(one.start for one in before)
    here = [one for one in before if one.start == last]
    best = max(here, key=strength)
    if (best.table, best.column) == entry.key:
        return "best"
    return "with best" if any((one.table, one.column) == entry.key for one in here) else "no"


def _between(span: ValueSpan, entry: ColumnEntry, analysis: Analysis) -> str | None:
    """The few words between the column's name and the constant."""
    for one in analysis.column_links.get(entry.key, ()):
        if 0 <= span.start - one.end <= 3:
            return " ".join(token.lemma for token in analysis.tokens[one.end : span.start])
    return None


def _span_table(span: ValueSpan, entry: ColumnEntry, analysis: Analysis) -> str:
    links = [one for one in analysis.table_links.get(entry.table, ()) if one.quality >= STRONG]
    if not links:
        return "unsaid" if not analysis.table_links else "other"
    gap = min(abs(one.start - span.start) for one in links)
    return "next" if gap <= 2 else "near" if gap <= 5 else "far"


def operator_features(span: ValueSpan, entry: ColumnEntry | None, units: Units) -> list[str]:
    """The surroundings of a constant together with the kind of its column."""
    kind = "none" if entry is None else "id" if entry.is_id else str(entry.kind)
    base = span_features(span, units)
    return (
        base
        + [f"{kind} {name}" for name in (*base[1:8], *(one for one in base if "~" in one))]
        + ([f"match={bool(span.matches)} {kind}"])
    )


def table_features(table: str, analysis: Analysis, units: Units) -> list[str]:
    """What speaks for a table that is named being read at all."""
    links = analysis.table_links[table]
    best = max(links, key=strength)
    first, last = units.of_token[best.start], units.of_token[best.end - 1]
    rivals = [
        one for other, ones in analysis.table_links.items() if other != table for one in ones
        if one.start < best.end and best.start < one.end
    ]  # fmt: skip
    better = sum(strength(one) > strength(best) + 0.01 for one in rivals)
    own_columns = any(
        link.quality >= 0.8 for key, ones in analysis.column_links.items() if key[0] == table for link in ones
    )
    before, after = units.mark(first - 1), units.mark(last + 1)
    return [
        "bias", f"q={int(best.quality * 10)}", f"way={best.way}", f"better={min(better, 2)}",
        f"first={_tables_before(first, units)}",
        f"p1={before}", f"n1={after}", f"p21={units.mark(first - 2)} {before}", f"n12={after} {units.mark(last + 2)}",
        f"own={own_columns}", f"q={int(best.quality * 10)} better={min(better, 2)}",
        f"opening={units.mark(0)} {units.mark(1)}",
        f"marker={units.marker_before(first)}", f"tables={min(len(analysis.table_links), 5)}",
        f"unit={units.mark(first)}",
        f"unit={units.mark(first)} q={int(best.quality * 10)}", f"times={min(len(links), 3)}",
    ]  # fmt: skip


def is_comparable(span: ValueSpan, entry: ColumnEntry) -> bool:
    """Whether a constant of this kind can be compared with values of this column at all."""
    if span.kind in (SpanKind.TEXT, SpanKind.FLAG):
        return entry.kind is not Kind.NUMBER or not span.quoted
    return entry.kind in (Kind.NUMBER, Kind.DATE, Kind.BOOLEAN) or any(key == entry.key for key, _, _ in span.matches)


def _tables_before(first: int, units: Units) -> str:
    return " ".join(unit.mark[:3] for unit in units.units[:first] if unit.mark.startswith(("COL", "TAB")))[:11]
