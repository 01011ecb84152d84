"""`manage.py evaluate`: puts known questions to an engine and prints how it did.

Of a folder, without touching our database; of an organization's verified queries with `--source`; or it compares two
evaluations.
"""

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.principal import Principal
from apps.accounts.row_security import organization_scope
from apps.clarification.readings import Reading
from apps.common.errors import AppError, InvalidInput
from apps.common.ids import is_uuid
from apps.datasources.services import find_principal, find_source
from apps.llm.registry import models_for
from apps.queries.engines import propose_readings, threshold_of
from apps.queries.evaluation.asking import Engine
from apps.queries.evaluation.estimate import SAMPLE, estimate
from apps.queries.evaluation.flips import Fate, difference
from apps.queries.evaluation.folder import Example, open_folder
from apps.queries.evaluation.outcome import Outcome
from apps.queries.evaluation.records import read_fates
from apps.queries.evaluation.report import difference_text, table_by
from apps.queries.evaluation.runner import Evaluator
from apps.queries.evaluation.split import is_measure_only
from apps.queries.evaluation.summary import summarize
from apps.queries.evaluations.here import finish_here
from apps.queries.evaluations.models import Evaluation
from apps.queries.evaluations.presentation import fate_of
from apps.queries.evaluations.recording import outcomes_of
from apps.queries.evaluations.serializers import MOST_RUNS
from apps.queries.evaluations.services import EvaluationRequest, save_evaluation
from apps.queries.evaluations.settings import settings_in_force
from apps.queries.seeing import visible_cases
from apps.queries.serializers import ENGINES
from apps.queries.steps.planning import MODEL
from apps.queries.work.leases import LeaseLost

PARTS = ("all", "development", "measure")
GROUPINGS = ("class", "difficulty")
MODEL_SECONDS = 120
MODEL_THREADS = 4
PROGRESS_SECONDS = 5.0


def readings_of(engine: str) -> Engine:
    """The engine as a function of a context alone; whoever calls hears of its model calls."""

    def ask(context: Any, record_call: Any) -> Sequence[Reading]:
        return propose_readings(context, engine=engine, record_call=record_call, seconds=MODEL_SECONDS)

    return ask


class Command(BaseCommand):
    help = "Put known questions to an engine; the last line printed is a JSON summary."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", type=Path, nargs="?", metavar="FOLDER", help="questions.jsonl beside databases/<id>/<id>.sqlite"
        )
        parser.add_argument("--source", metavar="NAME", help="the approved verified queries of this data source")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="as this member; default: an owner")
        parser.add_argument("--engine", choices=ENGINES, help="default: builtin; of a source the one in force")
        parser.add_argument("--runs", type=int, default=1, metavar="K", help="put every question K times")
        parser.add_argument("--limit", type=int, metavar="N", help="only the first N questions of a folder")
        parser.add_argument("--threads", type=int, metavar="N", help="of a folder: questions put to a model at a time")
        parser.add_argument("--include-proposed", action="store_true", help="of a source: proposed ones as well")
        parser.add_argument("--resume", metavar="EVALUATION", help="go on with this evaluation of the source")
        parser.add_argument(
            "--server", metavar="URL", help="of a folder of PostgreSQL dumps: where databases may be made for them"
        )
        parser.add_argument("--json", type=Path, metavar="FILE", dest="records", help="one JSON record a question")
        parser.add_argument("--predictions", type=Path, metavar="FILE", help="write one SQL a line")
        parser.add_argument("--by", choices=GROUPINGS, help="print a table of EX by class or difficulty")
        parser.add_argument(
            "--compare", nargs=2, metavar=("BEFORE", "AFTER"),
            help="print which questions have another outcome: files of --json, or evaluations of --source",
        )  # fmt: skip
        parser.add_argument(
            "--question-field", default="question", help="which field holds the question (syn_question)"
        )
        parser.add_argument(
            "--part", choices=PARTS, default="all", help="only databases that are trained on, or only measured on"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["runs"] <= MOST_RUNS:
            raise CommandError(f"--runs: from 1 to {MOST_RUNS}.")
        try:
            self._do(options)
        except AppError as error:
            raise CommandError(error.message) from error
        except LeaseLost as error:
            raise CommandError("The evaluation was cancelled, or another process has it now.") from error

    def _do(self, options: Mapping[str, Any]) -> None:
        if options["source"] is None:
            if options["compare"]:
                before, after = (read_fates(Path(name)) for name in options["compare"])
                self.stdout.write(difference_text(difference(before, after)))
            elif options["folder"] is None:
                raise InvalidInput("Name a FOLDER, a --source or two evaluations to --compare.")
            else:
                self._report(*self._evaluate_folder(options), options)
            return
        principal = find_principal(email=options["email"], source_name=options["source"])
        with organization_scope(principal.organization.pk):
            if options["compare"]:
                before, after = (_fates(principal, name) for name in options["compare"])
                self.stdout.write(difference_text(difference(before, after)))
            else:
                evaluation = self._evaluate_source(principal, options)
                outcomes = outcomes_of(evaluation)
                self._report(outcomes, summarize(outcomes, seconds=evaluation.busy_ms / 1000), options)

    def _evaluate_folder(self, options: Mapping[str, Any]) -> tuple[list[Outcome], Mapping[str, Any]]:
        engine = options["engine"] or "builtin"
        threads = (options["threads"] or MODEL_THREADS) if engine == MODEL else 1
        folder = open_folder(options["folder"])
        found = folder.examples(question_field=options["question_field"])
        wanted = list(islice((one for one in found if _in_part(one.db_id, options["part"])), options["limit"]))
        runs = options["runs"]
        evaluator = Evaluator(
            folder, readings_of(engine), threshold_of(engine), runs=runs, threads=max(1, threads),
            privacy=settings.PARLEY.model_privacy,
            server_url=options["server"] or getattr(settings, "SAMPLE_ADMIN_URL", None),
        )  # fmt: skip
        with closing(evaluator):
            if engine == MODEL:
                self._print_estimate(evaluator, wanted, runs)
            started = time.monotonic()
            outcomes = list(self._with_progress(evaluator.outcomes(wanted), len(wanted) * runs))
            return outcomes, summarize(outcomes, seconds=time.monotonic() - started)

    def _print_estimate(self, evaluator: Evaluator, examples: Sequence[Example], runs: int) -> None:
        models = models_for()
        if models is None:
            raise InvalidInput("No model is configured; set MODEL_BASE_URL and MODEL_NAME.", code="no_model")
        sample = evaluator.contexts(examples[:SAMPLE])
        self.stdout.write(str(estimate(sample, len(examples) * runs, models)))

    def _evaluate_source(self, principal: Principal, options: Mapping[str, Any]) -> Evaluation:
        source = find_source(principal, options["source"])
        if options["resume"]:
            evaluation = _evaluation(principal, options["resume"])
        else:
            wanted = settings_in_force(principal.organization, source, engine=options["engine"])
            request = EvaluationRequest(source, wanted, options["runs"], options["include_proposed"])
            evaluation = save_evaluation(principal=principal, request=request)
        self.stdout.write(f"Evaluation {evaluation.pk}: {evaluation.questions} questions of {source.name}.")
        if evaluation.estimate:
            self.stdout.write(f"About {evaluation.estimate['cost_usd']} USD at the registry's prices.")
        teller = _Teller(self.stderr)
        done = finish_here(principal.organization, evaluation.pk, progress=teller.tell)
        if done.error_code:
            raise CommandError(f"Evaluation {done.pk} is {done.status}: {done.error_message}")
        return done

    def _with_progress(self, outcomes: Iterable[Outcome], total: int) -> Iterable[Outcome]:
        teller = _Teller(self.stderr)
        for finished, one in enumerate(outcomes, start=1):
            teller.tell(finished, total)
            yield one

    def _report(self, outcomes: Sequence[Outcome], summary: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        if options["records"]:
            _write_lines(options["records"], (json.dumps(one.record(), ensure_ascii=False) for one in outcomes))
        if options["predictions"]:
            _write_lines(options["predictions"], (" ".join(one.sql.split()) for one in outcomes if one.run == 1))
        if options["by"]:
            self.stdout.write(table_by(options["by"], summary[f"by_{options['by']}"]))
        self.stdout.write(json.dumps(summary))


class _Teller:
    """Says every few seconds how far an evaluation is, on standard error."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._last = time.monotonic()

    def tell(self, finished: int, total: int) -> None:
        if time.monotonic() - self._last >= PROGRESS_SECONDS:
            self._last = time.monotonic()
            self._out.write(f"{finished} of {total}")


def _in_part(db_id: str, part: str) -> bool:
    return part == "all" or is_measure_only(db_id) == (part == "measure")


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def _evaluation(principal: Principal, name: str) -> Evaluation:
    rows = Evaluation.objects.for_org(principal.organization)
    found: Evaluation | None = rows.filter(pk=name).first() if is_uuid(name) else None
    if found is None:
        raise InvalidInput(f"There is no evaluation {name!r}.")
    return found


def _fates(principal: Principal, name: str) -> list[Fate]:
    """Those of an evaluation, or of a file."""
    if Path(name).is_file():
        return read_fates(Path(name))
    cases = visible_cases(principal, _evaluation(principal, name)).filter(finished_at__isnull=False)
    return [fate_of(case) for case in cases]
