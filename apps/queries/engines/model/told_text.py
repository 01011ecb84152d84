"""What was said and tried so far as entries for a prompt: values in the question, earlier turns, what did not work."""

from functools import partial

from apps.knowledge.values import ValueMatch
from apps.llm.personal_data import Hidden
from apps.llm.pseudonyms import Pseudonym, Pseudonyms
from apps.queries.context import Context, FailedSql, Turn
from apps.queries.engines.model.budget import Entry, Forms
from apps.queries.engines.model.hidden_sql import hidden_sql
from apps.queries.engines.model.hiding import kind_of_value
from apps.queries.engines.model.relevance import values_named
from apps.queries.prompts.quoting import quoted

LONGEST_QUESTION = 20_000
LONGEST_TURN = 2_000
LONGEST_WORDS = 600
LONGEST_ASSUMPTION, MOST_ASSUMPTIONS = 200, 5
_WHAT = {
    Hidden.EMAIL: "an e-mail address",
    Hidden.PHONE: "a phone number",
    Hidden.IBAN: "an account number",
    Hidden.CARD: "a card number",
    Hidden.IP: "a network address",
    Hidden.ID_NUMBER: "a number of a person's papers",
    Hidden.BIRTH_DATE: "a date, as YYYY-MM-DD",
    Hidden.ADDRESS: "an address",
    Hidden.NAME: "a person's name",
    Hidden.NUMBER: "a number; write it in quotation marks all the same",
    Hidden.DATE: "a date, as YYYY-MM-DD",
    Hidden.VALUE: "words",
}


def value_entries(context: Context, names: Pseudonyms) -> list[Entry]:
    """What each placeholder stands for, without its value, and values in the question, where they may be told."""
    told: list[Entry] = [partial(_placeholder_forms, one) for one in names.given]
    shown = values_named(context) if context.privacy.shows_values else []
    for match in shown:
        if not context.privacy.hides(kind_of_value([(match.table, match.column)])):
            told.append(partial(_value_forms, match, names))
    return told


def _value_forms(match: ValueMatch, names: Pseudonyms) -> Forms:
    return (f"{quoted(match.table)}.{quoted(match.column)} holds {quoted(names.hide_forms(match.value))}",)


def _placeholder_forms(one: Pseudonym) -> Forms:
    if not one.places:
        return (f"{one.name} is {_WHAT[one.kind]}",)
    places = ", ".join(f"{quoted(table)}.{quoted(column)}" for table, column in one.places)
    instead = f", which may be meant where the question says {one.instead_of}" if one.instead_of else ""
    return (f"{one.name} is a value of {places}{instead}",)


def turn_entries(context: Context, names: Pseudonyms) -> list[Entry]:
    """Earlier questions, the last one first: with SQL and what was taken for granted, with SQL, or alone."""
    said = " ".join([context.question, *(turn.question for turn in context.history)])
    return [partial(_turn_forms, turn, context, names, said) for turn in reversed(context.history)]


def _turn_forms(turn: Turn, context: Context, names: Pseudonyms, said: str) -> Forms:
    if not turn.sql:
        return (f"asked: {quoted(names.hide_known(turn.question), longest=LONGEST_TURN)} not answered",)
    # First the SQL: its constants are known by then in the words of the question.
    sql = hidden_sql(turn.sql, names, schema=context.schema, privacy=context.privacy, said=said)
    stated = [quoted(names.hide_known(one), longest=LONGEST_ASSUMPTION) for one in turn.assumptions[:MOST_ASSUMPTIONS]]
    asked = f"asked: {quoted(names.hide_known(turn.question), longest=LONGEST_TURN)}"
    alone = f"{asked} answered"
    if len(sql) > LONGEST_TURN:
        return (alone,)
    answered = f"{asked} answered by: {quoted(sql, longest=LONGEST_TURN)}"
    return (f"{answered} taking for granted: {', '.join(stated)}", answered, alone) if stated else (answered, alone)


def failed_entries(context: Context, names: Pseudonyms) -> list[Entry]:
    """SQL that did not work, the last first, with the database's words; these alone where there is little room."""
    return [partial(_failed_forms, one, context, names) for one in reversed(context.failed)]


def _failed_forms(failed: FailedSql, context: Context, names: Pseudonyms) -> Forms:
    sql = hidden_sql(failed.sql, names, schema=context.schema, privacy=context.privacy, said=context.question)
    words = quoted(names.hide_known(failed.words), longest=LONGEST_WORDS)
    alone = f"the database said: {words}"
    return (f"tried: {quoted(sql, longest=LONGEST_TURN)} {alone}", alone) if len(sql) <= LONGEST_TURN else (alone,)


def task_entries(context: Context, names: Pseudonyms) -> list[Entry]:
    """What the planner wants written, in its own words, which hold no placeholders any more."""
    return [lambda: (quoted(names.hide_known(context.task), longest=LONGEST_WORDS),)] if context.task else []
