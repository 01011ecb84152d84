"""Learns the engine's weights: `python -m apps.queries.engines.builtin.train FOLDER [FILE]`.

FOLDER holds questions with known SQL over SQLite files. Only its development part is read (see evaluation/split.py).
"""

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from apps.knowledge.catalog import catalog_of
from apps.queries.context import Context
from apps.queries.evaluation.compare import compare
from apps.queries.evaluation.folder import Example, Folder, open_folder
from apps.queries.evaluation.sources import SqliteSource
from apps.queries.evaluation.split import is_measure_only
from apps.queries.evaluation.sqlite_file import QueryFailed

from .analysis import analyze
from .gold import NotAPlan, read_plan
from .model import WEIGHTS_FILE, write_model
from .training.local import Lesson
from .training.whole import Exercise, train

EVERY_REWORDED = 2
TODAY = dt.date(2026, 1, 15)


def main(folder: Path, target: Path = WEIGHTS_FILE) -> None:
    """Train on the development part and write the weights."""
    exercises = list(read_exercises(open_folder(folder)))
    write_model(train(exercises, [one.lesson for one in exercises]), target)
    sys.stdout.write(f"{len(exercises)} questions, {target.stat().st_size} bytes of weights\n")


def read_exercises(folder: Folder) -> Iterator[Exercise]:
    """The questions of the development part whose SQL a plan can say, half of them in other words too."""
    sources: dict[str, SqliteSource] = {}
    reworded = (
        one for number, one in enumerate(folder.examples(question_field="syn_question")) if number % EVERY_REWORDED == 0
    )
    for example in chain(folder.examples(), reworded):
        if is_measure_only(example.db_id) or not example.gold_ok:
            continue
        if example.db_id not in sources:
            sources[example.db_id] = SqliteSource(folder.database(example.db_id))
        exercise = _exercise(example, sources[example.db_id])
        if exercise:
            yield exercise


def _exercise(example: Example, source: SqliteSource) -> Exercise | None:
    try:
        plan = read_plan(example.gold[0], catalog_of(source.schema))
        gold = source.rows(example.gold[0])
    except (NotAPlan, QueryFailed):
        return None
    context = Context(example.question, source.schema, source.values, TODAY)
    return Exercise(example.db_id, Lesson(analyze(context), plan), _judge(source, gold, bool(plan.order)))


def _judge(source: SqliteSource, gold: list[tuple[Any, ...]], ordered: bool) -> Callable[[str], bool]:
    known: dict[str, bool] = {}

    def is_right(sql: str) -> bool:
        if sql not in known:
            try:
                known[sql] = compare(source.rows(sql, timeout_seconds=0.1), gold, ordered=ordered).same
            except QueryFailed:
                known[sql] = False
        return known[sql]

    return is_right


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:3]))
