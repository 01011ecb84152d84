"""`manage.py evaluate FOLDER`: puts known questions to an engine and prints how it did."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.clarification.readings import Reading
from apps.common.errors import AppError
from apps.queries.context import Context
from apps.queries.engines import propose_readings, threshold_of
from apps.queries.evaluation.folder import open_folder
from apps.queries.evaluation.outcome import Outcome
from apps.queries.evaluation.runner import Evaluator
from apps.queries.evaluation.split import is_measure_only
from apps.queries.evaluation.summary import summarize
from apps.queries.serializers import ENGINES

PARTS = ("all", "development", "measure")
MODEL_SECONDS = 120


def readings_of(engine: str) -> Callable[[Context], Sequence[Reading]]:
    """The engine as a function of a context alone; model calls are not recorded, since nothing here is."""
    return lambda context, record: propose_readings(context, engine=engine, record_call=record, seconds=MODEL_SECONDS)


class Command(BaseCommand):
    help = "Put the questions of FOLDER to an engine; the last line printed is a JSON summary."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", type=Path, metavar="FOLDER", help="questions.jsonl beside databases/<id>/<id>.sqlite"
        )
        parser.add_argument("--engine", choices=ENGINES, default="builtin")
        parser.add_argument("--limit", type=int, metavar="N", help="only the first N questions")
        parser.add_argument(
            "--json", type=Path, metavar="FILE", dest="records", help="write one JSON record a question"
        )
        parser.add_argument("--predictions", type=Path, metavar="FILE", help="write one SQL a line")
        parser.add_argument(
            "--question-field", default="question", help="which field holds the question (syn_question)"
        )
        parser.add_argument(
            "--part", choices=PARTS, default="all", help="only databases that are trained on, or only measured on"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcomes = self._evaluate(options)
        except AppError as error:
            raise CommandError(error.message) from error
        if options["records"]:
            _write_lines(options["records"], (json.dumps(one.record(), ensure_ascii=False) for one in outcomes))
        if options["predictions"]:
            _write_lines(options["predictions"], (" ".join(one.sql.split()) for one in outcomes))
        self.stdout.write(json.dumps(summarize(outcomes)))

    def _evaluate(self, options: dict[str, Any]) -> list[Outcome]:
        folder = open_folder(options["folder"])
        wanted = (
            one
            for one in folder.examples(question_field=options["question_field"])
            if _in_part(one.db_id, options["part"])
        )
        evaluator = Evaluator(folder, readings_of(options["engine"]), threshold_of(options["engine"]))
        return list(evaluator.outcomes(list(islice(wanted, options["limit"]))))


def _in_part(db_id: str, part: str) -> bool:
    return part == "all" or is_measure_only(db_id) == (part == "measure")


def _write_lines(path: Path, lines: Any) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
