"""Sums outcomes up into the figures that `evaluate` prints."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from .outcome import Outcome, Status


def summarize(outcomes: Sequence[Outcome], *, seconds: float | None = None) -> dict[str, object]:
    """The figures by name; None where there is nothing to count them on. Of several runs they are the mean.

    `ex_published` is EX by the published rule to the letter, `seconds` how long it all took.
    """
    judged = [one for one in outcomes if one.correct is not None]
    clear = [one for one in judged if not one.ambiguous]
    ambiguous = [one for one in outcomes if one.ambiguous]
    answered = [one for one in clear if one.status is Status.ANSWERED]
    found = [one.readings_found for one in ambiguous if one.readings_found is not None]
    times = sorted(one.milliseconds for one in outcomes)
    return {
        "n": len({one.id for one in outcomes}),
        "ex": _share(one.correct for one in judged),
        "coverage": _share(one.status is Status.ANSWERED for one in clear),
        "precision": _share(one.correct for one in answered),
        "asked_on_ambiguous": _share(one.status is Status.ASKED for one in ambiguous),
        "asked_on_clear": _share(one.status is Status.ASKED for one in clear),
        "readings_found": _share(found),
        "triage_f1": _triage_f1(outcomes),
        "by_difficulty": figures_by(judged, lambda one: one.difficulty),
        "by_class": figures_by(judged, lambda one: one.question_class),
        "by_reason": dict(Counter(one.reason for one in judged if not one.correct).most_common()),
        "ex_published": _share(one.published for one in judged if one.published is not None),
        "by_ties": sum(one.by_ties for one in judged),
        "p50_ms": _percentile(times, 0.5),
        "p95_ms": _percentile(times, 0.95),
        "max_ms": _percentile(times, 1.0),
        "seconds": None if seconds is None else round(seconds, 2),
        **_spent(outcomes),
        **_steadiness(outcomes),
    }


def figures_by(judged: Iterable[Outcome], label: Callable[[Outcome], str]) -> dict[str, dict[str, object]]:
    """EX of each group of judged outcomes, by the group's name; what has no name is left out.

    `missed` counts the questions that were not right in every run.
    """
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in judged:
        if name := label(one):
            groups[name].append(one)
    return {
        name: {
            "n": len({one.id for one in group}),
            "ex": _share(one.correct for one in group),
            "missed": len({one.id for one in group if not one.correct}),
        }
        for name, group in sorted(groups.items())
    }


def _share(truths: Iterable[bool | None]) -> float | None:
    known = list(truths)
    return round(sum(bool(one) for one in known) / len(known), 4) if known else None


def _spent(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Tokens and US dollars over all runs."""
    return {
        "prompt_tokens": sum(one.prompt_tokens for one in outcomes),
        "completion_tokens": sum(one.completion_tokens for one in outcomes),
        "cost_usd": f"{sum((one.cost_usd for one in outcomes), Decimal(0)).normalize():f}",
    }


def _steadiness(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """How many runs, EX of each, and how many questions did not get the same outcome, or the same SQL, in every one."""
    runs: dict[int, list[Outcome]] = defaultdict(list)
    fates: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    texts: dict[str, set[str]] = defaultdict(set)
    for one in outcomes:
        runs[one.run].append(one)
        fates[one.id].add((one.status, one.correct, one.reason))
        texts[one.id].add(one.sql)
    return {
        "runs": len(runs),
        "ex_by_run": [
            _share(one.correct for one in of_run if one.correct is not None) for _, of_run in sorted(runs.items())
        ],
        "unsteady": sum(len(seen) > 1 for seen in fates.values()),
        "unsteady_sql": sum(len(seen) > 1 for seen in texts.values()),
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
