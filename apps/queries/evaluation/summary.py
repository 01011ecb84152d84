"""Sums outcomes up into the figures that `evaluate` prints."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from .outcome import Outcome, Status


def summarize(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The figures by name; None where there is nothing to count them on."""
    judged = [one for one in outcomes if one.correct is not None]
    clear = [one for one in judged if not one.ambiguous]
    ambiguous = [one for one in outcomes if one.ambiguous]
    answered = [one for one in clear if one.status is Status.ANSWERED]
    found = [one.readings_found for one in ambiguous if one.readings_found is not None]
    times = sorted(one.milliseconds for one in outcomes)
    return {
        "n": len(outcomes),
        "ex": _share(one.correct for one in judged),
        "coverage": _share(one.status is Status.ANSWERED for one in clear),
        "precision": _share(one.correct for one in answered),
        "asked_on_ambiguous": _share(one.status is Status.ASKED for one in ambiguous),
        "asked_on_clear": _share(one.status is Status.ASKED for one in clear),
        "readings_found": _share(found),
        "triage_f1": _triage_f1(outcomes),
        "by_difficulty": _by_difficulty(judged),
        "by_reason": dict(Counter(one.reason for one in judged if not one.correct).most_common()),
        "p50_ms": _percentile(times, 0.5),
        "p95_ms": _percentile(times, 0.95),
        "max_ms": _percentile(times, 1.0),
    }


def _share(truths: Iterable[bool | None]) -> float | None:
    known = list(truths)
    return round(sum(bool(one) for one in known) / len(known), 4) if known else None


def _by_difficulty(judged: Sequence[Outcome]) -> dict[str, dict[str, object]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in judged:
        groups[one.difficulty].append(one)
    return {
        name: {"n": len(group), "ex": _share(one.correct for one in group)} for name, group in sorted(groups.items())
    }


def _triage_f1(outcomes: Sequence[Outcome]) -> float | None:
    """F1 over the kinds that were expected, each kind counting the same."""
    rows = [(one.expected_kind, one.kind) for one in outcomes if one.expected_kind]
    if not rows:
        return None
    kinds = sorted({expected for expected, _ in rows if expected})
    return round(sum(_f1(rows, kind) for kind in kinds) / len(kinds), 4)


def _f1(rows: Sequence[tuple[str | None, str | None]], kind: str) -> float:
    hits = sum(expected == kind == said for expected, said in rows)
    expected_or_said = sum(expected == kind for expected, _ in rows) + sum(said == kind for _, said in rows)
    return 2 * hits / expected_or_said if expected_or_said else 0.0


def _percentile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile."""
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))], 2)
