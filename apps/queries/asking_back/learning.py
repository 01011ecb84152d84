"""What is learned as a query goes on: an answer to a clarification becomes a rule for whoever gave it."""

from collections.abc import Sequence

import structlog
from django.conf import settings

from apps.clarification.models import Clarification, ClarificationQuestion
from apps.clarification.readings import ChoiceField, Reading
from apps.clarification.rule_grounds import Grounds, grounds_of_words
from apps.clarification.rules import Meaning, remember_choice
from apps.clarification.stored import from_json
from apps.common.errors import AppError
from apps.datasources.access import Access
from apps.datasources.footprints import Footprint, footprint
from apps.datasources.guard import check_sql
from apps.datasources.services import access_of
from apps.queries.models import Query
from apps.queries.steps.understanding import principal_now

log = structlog.get_logger(__name__)


def learn_from(clarification: Clarification, query: Query) -> None:
    """Keep what was just chosen as rules of the person who asked. What cannot be kept is only not remembered: nothing
    that goes wrong here reaches whoever answered.
    """
    answered = [one for one in clarification.questions.all() if one.turn == clarification.turn and one.chosen_option]
    try:
        for question in answered:
            _learn(question, clarification, query)
    except AppError as error:
        log.info("nothing_learned", clarification=str(clarification.pk), code=error.error_code)
    except Exception:
        log.exception("nothing_learned", clarification=str(clarification.pk))


def _learn(question: ClarificationQuestion, clarification: Clarification, query: Query) -> None:
    option = next(one for one in question.options if one["id"] == question.chosen_option)
    chosen = Meaning(ChoiceField(question.field), question.phrase, option["label"], option["meaning"])
    if not chosen.can_be_kept or query.user is None:
        return
    source = query.data_source
    access = access_of(principal_now(query), source)
    readings = from_json(clarification.readings, access.schema.dialect)
    grounds = grounds_of(chosen, question.phrase, readings, access)
    remember_choice(chosen, clarification=clarification, source=source, person=query.user, grounds=grounds)


def grounds_of(chosen: Meaning, phrase: str, readings: Sequence[Reading], access: Access) -> Grounds:
    """What sets the readings of this meaning apart from the others: the columns that only they read, or all of theirs;
    and what its words name, as these are shown.

    Raises: UnsafeSql if the person may not read one of them.
    """
    labels = {id(one): {c.label for c in one.choices if (c.field, c.phrase) == (chosen.field, phrase)}
              for one in readings}  # fmt: skip
    meant = [one for one in readings if chosen.label in labels[id(one)]]
    own = _read_by(meant, access)
    others = _read_by([one for one in readings if labels[id(one)] - {chosen.label}], access)
    reads = {
        table: sorted(set(columns) - set(others.reads.get(table, ())))
        for table, columns in own.reads.items()
        if set(columns) - set(others.reads.get(table, ())) or table not in others.reads
    } or own.reads
    named = grounds_of_words(access, chosen.label, chosen.meaning).reads or {}
    reads = {table: sorted({*reads.get(table, ()), *named.get(table, ())}) for table in {*reads, *named}}
    limits = {table: digests for table, digests in own.limits.items() if table in reads}
    return Grounds(access.policy, reads if meant else None, limits, chosen.field in NAMING_VALUES)


NAMING_VALUES = (ChoiceField.VALUE, ChoiceField.FILTER, ChoiceField.ENTITY, ChoiceField.ATTACHMENT)


def _read_by(readings: Sequence[Reading], access: Access) -> Footprint:
    dialect = access.schema.dialect
    statements = [
        check_sql(one.tree.sql(dialect=dialect), dialect=dialect, access=access, row_limit=settings.PARLEY.sql_row_cap)
        for one in readings
    ]
    return footprint(statements, access)
