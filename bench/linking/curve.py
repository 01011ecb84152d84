"""Prints how well and how fast the tables of a question are found among 10 to 10,000 tables of 20 columns each."""

import gc
import random
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from functools import _lru_cache_wrapper

from apps.datasources.schema import Schema
from apps.knowledge.catalog import Catalog
from apps.knowledge.ranking import prepare, tables_for
from apps.knowledge.tokens import tokenize
from bench.figures import percentiles

from .baseline import Baseline
from .schemas import KINDS, STYLES, Case, make_world

SIZES = (10, 100, 1_000, 10_000)
QUESTIONS = 60
BEST = 10


def main(sizes: Sequence[int] = SIZES) -> None:
    """Print a block for each kind of name: recall of the needed tables among the 10 best, time, memory, a baseline."""
    for style in STYLES:
        print(f"\n{style} names" + ("" if Baseline.is_there() else " (bm25s is not installed)"))
        print(" tables  prepare s     MB   p50 ms   p95 ms  " + "".join(f"{kind:>14}" for kind in KINDS) + "     all")
        for size in sizes:
            _print_size(size, style)


def _print_size(size: int, style: str) -> None:
    world = make_world(size, style, random.Random(size))
    catalog, seconds, megabytes = _prepared(world.schema)
    values = world.value_index()
    dice = random.Random(size + 1)
    cases = {kind: [make(world, dice) for _ in range(QUESTIONS)] for kind, make in KINDS.items()}
    times: list[float] = []

    def ours(question: str) -> Iterable[str]:
        tokens = tokenize(question)
        started = time.perf_counter()
        found = tables_for(tokens, catalog, BEST, values)
        times.append((time.perf_counter() - started) * 1000)
        return found

    recalls = [_recall(ours, some) for some in cases.values()]
    p50, p95 = percentiles(times)
    shown = "".join(f"{recall:14.3f}" for recall in recalls)
    print(f"{size:7d} {seconds:10.2f} {megabytes:6.1f} {p50:8.2f} {p95:8.2f}  {shown} {_mean(recalls):7.3f}")
    if Baseline.is_there():
        _print_baseline(world.schema, cases, p50, _mean(recalls))


def _print_baseline(schema: Schema, cases: dict[str, list[Case]], p50: float, recall: float) -> None:
    baseline = Baseline(schema)
    times: list[float] = []

    def theirs(question: str) -> Iterable[str]:
        started = time.perf_counter()
        found = baseline.tables_for(question, BEST)
        times.append((time.perf_counter() - started) * 1000)
        return found

    recalls = [_recall(theirs, some) for some in cases.values()]
    base, base_p95 = percentiles(times)
    shown = "".join(f"{one:14.3f}" for one in recalls)
    print(
        f"  bm25s                    {base:8.2f} {base_p95:8.2f}  {shown} {_mean(recalls):7.3f}"
        f"  (ours: {p50 / base:.1f} x its time, {recall / max(_mean(recalls), 0.001):.2f} x its recall)"
    )


def _prepared(schema: Schema) -> tuple[Catalog, float, float]:
    """A catalog ready for questions, the seconds that took, and the megabytes it keeps."""
    _forget()
    tracemalloc.start()
    prepare(Catalog(schema))
    _forget()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    catalog = Catalog(schema)
    prepare(catalog)
    gc.collect()
    megabytes = (tracemalloc.get_traced_memory()[0] - before) / 1e6
    tracemalloc.stop()
    _forget()
    started = time.perf_counter()
    prepare(Catalog(schema))
    return catalog, time.perf_counter() - started, megabytes


def _forget() -> None:
    """Empty what functions of the linker remember, so that each preparation does all of its work."""
    for one in gc.get_objects():
        if isinstance(one, _lru_cache_wrapper) and one.__module__.startswith("apps.knowledge"):
            one.cache_clear()


def _recall(find: Callable[[str], Iterable[str]], cases: Sequence[Case]) -> float:
    found = sum(len(case.needed & set(find(case.question))) for case in cases)
    return found / sum(len(case.needed) for case in cases)


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
