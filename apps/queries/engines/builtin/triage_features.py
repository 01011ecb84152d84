"""What tells kinds of questions apart: how one is worded, and how much of it the names of tables and columns know.

No feature holds a word of a schema. Headers that only partly hold what is said, and several that do, tell of questions
with more than one meaning; a thing asked for that no header names tells of data that is not there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps.knowledge.linking import Link
from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import TokenKind

from .analysis import Analysis
from .cues import meanings
from .units import units_of

STRONG = 0.6
FAINT = 0.28
NEAR = 0.08
_ASKING = frozenset("what which who whose where when how name list show find give tell count return".split())
_PRONOUNS = frozenset("he she they his her it its him them their you your i we my this that these those there".split())
_AUXILIARIES = frozenset("is was are were do does did can could has have had will would should".split())
_LEADING = frozenset("the a many much of all total number me".split())
_JOINTS = frozenset("is was of in with by for when where has".split())


@dataclass(frozen=True, slots=True)
class _Run:
    """A longest stretch whose words all stand in one header; `rivals` headers hold them, `full` if one has no more."""

    start: int
    end: int
    rivals: int
    full: bool


def triage_features(analysis: Analysis) -> list[str]:
    """Named features of a question, each once."""
    words = [token.text.lower() for token in analysis.tokens]
    content = [
        index for index, token in enumerate(analysis.tokens)
        if token.kind is TokenKind.WORD and token.lemma not in STOP_WORDS and not meanings(token.lemma)
    ]  # fmt: skip
    found = [
        *_marked(analysis, content), *_linked(analysis), *_asked(analysis, words), *_known(analysis, content),
        *_worded(analysis, words), *_held(analysis, words, content),
    ]  # fmt: skip
    return list(dict.fromkeys(found))


def _marked(analysis: Analysis, content: Sequence[int]) -> Iterator[str]:
    """The question with marks in place of names, in pieces."""
    marks = units_of(analysis).marks()
    known = [analysis.best_quality[index] for index in content]
    strong = sum(quality >= STRONG for quality in known)
    share = int(4 * strong / len(content)) if content else -1
    columns, tables = len(analysis.catalog.columns), len(analysis.catalog.tables)
    first = " ".join(mark[:3] if mark[:3] in ("COL", "TAB", "VAL", "NUM") else mark for mark in marks[:2])
    opening = marks[0] if marks else ""
    yield from (
        "bias", f"first={first}", f"opening={opening}", f"share={share}", f"strong={min(strong, 4)}",
        f"unknown={min(len(content) - strong, 6)}", f"share={share} opening={opening}",
        f"length={min(len(marks) // 4, 6)}", f"tables={min(tables, 3)}", f"columns={min(columns // 5, 6)}",
        f"tables={min(tables, 2)} share={share}", f"best={int(4 * max(known, default=0.0))}",
        f"values={min(sum(mark == 'VAL' for mark in marks), 3)}",
        f"numbers={min(sum(mark == 'NUM' for mark in marks), 3)}", f"last={marks[-1] if marks else ''}",
    )  # fmt: skip
    for size in (1, 2, 3):
        for start in range(len(marks) - size + 1):
            yield " ".join(marks[start : start + size])


def _linked(analysis: Analysis) -> Iterator[str]:
    """How wholly the links over the question's stretches cover a column's name, and how many columns rival there."""
    exact = partial = open_ = 0
    for links in _stretches(analysis):
        best = max(link.quality for link in links)
        near = [link for link in links if link.quality >= best - NEAR]
        full = [link for link in near if link.covered >= 0.99]
        if full:
            exact += 1
            if len({link.table for link in full}) > 1:
                yield "full in several tables"
            continue
        partial += 1
        open_ += len(near) > 1
        yield f"part rivals={min(len(near), 4)}"
        yield f"part covered={int(4 * max(link.covered for link in near))}"
    yield f"exact={min(exact, 3)}"
    yield f"part={min(partial, 3)}"
    yield f"amb={min(open_, 2)}"
    yield f"exact={min(exact, 2)} part={min(partial, 2)} amb={min(open_, 2)}"


def _stretches(analysis: Analysis) -> Iterator[list[Link]]:
    """Links to columns by the stretch that they cover, longest first, without overlap."""
    groups: dict[tuple[int, int], list[Link]] = {}
    for link in analysis.links:
        if link.column is not None and link.quality >= FAINT:
            groups.setdefault((link.start, link.end), []).append(link)
    taken: set[int] = set()
    ranked = sorted(groups.items(), key=lambda one: (one[0][0] - one[0][1], -max(link.quality for link in one[1])))
    for (start, end), links in ranked:
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            yield links


def _asked(analysis: Analysis, words: Sequence[str]) -> Iterator[str]:
    """Whether the thing asked for, the noun after "which" or "how many", is known."""
    opening = next((index for index, word in enumerate(words) if word in _ASKING), None)
    if opening is None:
        yield "no wh"
        return
    place = opening + 1
    while place < len(words) and (words[place] in _AUXILIARIES | _LEADING or meanings(analysis.tokens[place].lemma)):
        place += 1
    if place == len(words):
        yield "asked none"
        return
    quality = int(4 * analysis.best_quality.get(place, 0.0))
    covered = max((link.covered for link in analysis.links if link.start <= place < link.end), default=0.0)
    yield f"asked={quality}"
    yield f"asked cov={int(4 * covered)}"
    yield f"asked={quality} wh={words[opening]}"
    yield f"asked kind={analysis.tokens[place].kind.value}"


def _known(analysis: Analysis, content: Sequence[int]) -> Iterator[str]:
    """How many words nothing explains, or something does but faintly."""
    best = analysis.best_quality
    unknown = sum(best.get(index, 0.0) < FAINT for index in content)
    weak = sum(FAINT <= best.get(index, 0.0) < STRONG for index in content)
    known, tables = len(content) - unknown, len(analysis.catalog.tables)
    yield f"unk={min(unknown, 5)}"
    yield f"weak={min(weak, 4)}"
    yield f"unkshare={int(5 * unknown / max(1, len(content)))}"
    yield f"known={min(known, 5)} unk={min(unknown, 3)}"
    yield f"multi tables={tables > 1} unk={min(unknown, 3)}"
    yield f"tables={min(tables, 3)} known={min(known, 3)}"


def _worded(analysis: Analysis, words: Sequence[str]) -> Iterator[str]:
    """How the sentence opens and ends, and whom it speaks of."""
    tokens = analysis.tokens
    opening = next((index for index, word in enumerate(words) if word in _ASKING), None)
    asks, helps = words[-1:] == ["?"], bool(words) and words[0] in _AUXILIARIES
    pronouns = [word for word in words if word in _PRONOUNS]
    yield f"pron={min(len(pronouns), 2)}"
    yield from (f"pron {word}" for word in pronouns)
    yield f"open={words[0] if words else ''}"
    yield f"open2={' '.join(words[:2])}"
    yield f"open aux={helps}"
    yield f"q={asks}"
    yield f"dot={words[-1:] == ['.']}"
    yield f"q={asks} wh={opening is not None} aux={helps}"
    yield f"has wh={opening is not None}"
    yield f"wh at={min(9 if opening is None else opening, 3)}"
    yield f"n={min(len(tokens) // 3, 8)}"
    yield f"quoted={any(token.kind is TokenKind.QUOTED for token in tokens)}"
    yield f"date={any(token.kind is TokenKind.DATE for token in tokens)}"
    yield f"nums={min(sum(token.number is not None for token in tokens), 3)}"
    yield f"caps={min(sum(token.is_capitalized for token in tokens), 3)}"
    yield f"commas={min(words.count(','), 2)}"
    yield f"ncol={min(len(analysis.catalog.columns) // 3, 8)}"
    yield from (f"word {word}" for word in words if word in STOP_WORDS | _PRONOUNS | _AUXILIARIES | _ASKING)


def _held(analysis: Analysis, words: Sequence[str], content: Sequence[int]) -> Iterator[str]:
    """The question's stretches that stand word for word in headers, and how many headers hold each."""
    lemmas = [token.lemma for token in analysis.tokens]
    runs = list(_runs(analysis, lemmas))
    opening = next((index for index, word in enumerate(words) if word in _ASKING), -1)
    for run in runs:
        if not run.full and run.rivals == 1:
            yield "one partial"
        if 0 <= opening < run.start <= opening + 3:
            yield f"asked run full={run.full} rivals={min(run.rivals, 4)}"
    worst = min(max((run.rivals for run in runs if not run.full), default=0), 4)
    full = sum(run.full for run in runs)
    tables = {word for table in analysis.catalog.tables.values() for word in table.words}
    inside = {index for run in runs for index in range(run.start, run.end)}
    unknown = sum(index not in inside and lemmas[index] not in tables for index in content)
    yield from (
        f"runs={min(len(runs), 4)}", f"worst={worst}", f"nfull={min(full, 3)}",
        f"worstfull={min(max((run.rivals - 1 for run in runs if run.full), default=0), 3)}",
        f"worst={min(worst, 3)} nfull={min(full, 2)}", f"runs={min(len(runs), 3)} worst={min(worst, 3)}",
        f"lit unk={min(unknown, 5)}", f"lit share={int(5 * unknown / max(1, len(content)))}",
        f"lit unk={min(unknown, 3)} runs={min(len(runs), 3)}", f"n content={min(len(content), 7)}",
        f"tabword={any(lemma in tables for lemma in lemmas)}",
        f"first run at={min(runs[0].start, 6) if runs else -1}",
        f"ends in run={bool(runs) and runs[-1].end >= sum(word not in '?.!' for word in words)}",
    )  # fmt: skip
    starts = {run.start for run in runs}
    for place, word in enumerate(words[:-1]):
        if word in _JOINTS:
            after = "num" if analysis.tokens[place + 1].number is not None else "other"
            yield f"{word} then {'run' if starts & {place + 1, place + 2} else after}"


def _runs(analysis: Analysis, lemmas: Sequence[str]) -> Iterator[_Run]:
    names = [frozenset(column.words) for column in analysis.catalog.columns.values()]
    start = 0
    while start < len(lemmas):
        holding = [name for name in names if lemmas[start] in name] if lemmas[start] not in STOP_WORDS else []
        end = start + 1
        while holding and end < len(lemmas) and (longer := [name for name in holding if lemmas[end] in name]):
            holding, end = longer, end + 1
        if holding:
            rivals = set(holding)
            yield _Run(start, end, len(rivals), frozenset(lemmas[start:end]) in rivals)
        start = end
