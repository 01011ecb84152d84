"""Readings with a first look at their rows, and which of them lead to something else. No Django here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from apps.clarification.previews import says_the_same
from apps.clarification.readings import Reading
from apps.datasources.guard import SafeSql
from apps.datasources.results import ResultSet

RIVAL_SHARE = 0.4  # a rival must be at least this plausible, measured against the best reading


class Problem(StrEnum):
    """Why a reading has no first look."""

    BROKEN = "broken"  # the database does not run it, now or later
    UNSEEN = "unseen"  # the look took too long, or the data source was away


@dataclass(frozen=True)
class Probed:
    """A reading that the guard let through, with a first look at its rows; `result` is None where there was none.

    `problem` says why, if a look was tried.
    """

    reading: Reading
    safe_sql: SafeSql
    result: ResultSet | None = None
    problem: Problem | None = None


def usable(probed: Sequence[Probed]) -> list[Probed]:
    """Without those that cannot run, if any can: a reading whose look only took too long may still be right.

    Second opinions do not step in for readings that all fail: these may still be mended.
    """
    own = [one for one in probed if not one.reading.second_opinion] or list(probed)
    if all(one.problem is Problem.BROKEN for one in own):
        return own
    return [one for one in probed if one.problem is not Problem.BROKEN]


def rivals_of(ranked: Sequence[Probed]) -> list[Probed]:
    """The best reading of each different outcome that is plausible beside the best of all, with what speaks for it.

    Meanings that share one understanding add up where they bring the same rows: whichever was meant, it is the answer.
    Other equal outcomes do not: on little data, and on none above all, different questions have the same answer.
    """
    clusters: list[list[Probed]] = []
    for one in ranked:
        known = next((cluster for cluster in clusters if same_outcome(cluster[0], one)), None)
        if known is None:
            clusters.append([one])
        elif known[0].reading.is_shared and one.reading.is_shared:
            known.append(one)
    heads = sorted(map(_summed, clusters), key=lambda one: one.reading.score, reverse=True)
    least = RIVAL_SHARE * heads[0].reading.score
    return [head for head in heads if head.reading.score >= least]


def _summed(cluster: Sequence[Probed]) -> Probed:
    score = min(1.0, sum(one.reading.score for one in cluster))
    return replace(cluster[0], reading=replace(cluster[0].reading, score=score)) if len(cluster) > 1 else cluster[0]


def same_outcome(one: Probed, other: Probed) -> bool:
    """Whether both were seen to bring the same rows."""
    return one.result is not None and other.result is not None and says_the_same(one.result, other.result)
