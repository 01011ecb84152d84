"""Words that fit several columns or tables: each meaning is read in its turn."""

from collections.abc import Sequence

from sqlglot import exp

from apps.clarification.readings import Choice, ChoiceField, Reading
from apps.knowledge.catalog import Kind
from apps.queries.engines.builtin.choices import label_of
from apps.queries.engines.builtin.plan import ColumnKey, Plan
from apps.queries.engines.builtin.sql import NotJoinable, SqlWriter

from .candidates import Vague, vague_words
from .heard import Heard, Noun
from .meanings import Meaning, readings_of
from .plain import plain_rows
from .rows import either, listed

ALL_OF_THEM = 0.5  # how likely all columns together are meant, beside one of them


def vague_readings(heard: Heard) -> list[Reading]:
    """A reading for each meaning of the first vague word that can be read in more than one way."""
    for vague in vague_words(heard):
        plans = [(noun, plain_rows(heard.with_noun(noun), noun)) for noun in vague.meanings]
        meanings = _meanings(heard, [(noun, plan) for noun, plan in plans if plan])
        if meanings and len(meanings) >= len(vague.meanings[:2]):
            return readings_of(_field(heard, vague), heard.analysis.words(vague.start, vague.end), meanings)
    return []


def choice_of(heard: Heard, vague: Vague, key: ColumnKey) -> Choice:
    """The choice of one column for a vague word."""
    phrase = heard.analysis.words(vague.start, vague.end)
    return Choice(_field(heard, vague), phrase, label_of(key, heard.catalog), ".".join(key))


def _field(heard: Heard, vague: Vague) -> ChoiceField:
    kinds = {heard.catalog.columns[key].kind for noun in vague.meanings for key in noun.columns}
    return ChoiceField.METRIC if kinds == {Kind.NUMBER} else ChoiceField.ENTITY


def _meanings(heard: Heard, plans: Sequence[tuple[Noun, Plan]]) -> list[Meaning]:
    writer = SqlWriter(heard.catalog)
    found: list[Meaning] = []
    written: list[Plan] = []
    for noun, plan in plans:
        try:
            found.append(Meaning(_label(heard, noun), _explained(noun), writer.write(plan), weight=1.0))
            written.append(plan)
        except NotJoinable:
            continue
    together = _together(written, writer) if len(found) > 1 else None
    if together is not None:
        label = " and ".join([found[0].label, *(one.label[:1].lower() + one.label[1:] for one in found[1:])])
        found.append(Meaning(label, " and ".join(one.explanation for one in found), together, weight=ALL_OF_THEM))
    return found


def _label(heard: Heard, noun: Noun) -> str:
    if noun.table:
        return " ".join(heard.catalog.tables[noun.table].words).capitalize()
    return label_of(noun.columns[0], heard.catalog)


def _explained(noun: Noun) -> str:
    return noun.table or ".".join(noun.columns[0])


def _together(plans: Sequence[Plan], writer: SqlWriter) -> exp.Query | None:
    """All columns side by side where they are of the same rows, else the rows one after the other."""
    first = plans[0]
    if len({plan.where for plan in plans}) == 1:
        shown = dict.fromkeys(item.column for plan in plans for item in plan.select if item.column)
        tables = dict.fromkeys(table for plan in plans for table in plan.all_tables())
        side_by_side = listed(tuple(shown), tuple(tables), first.where)
        try:
            return writer.write(side_by_side)
        except NotJoinable:
            pass
    if len({len(plan.select) for plan in plans}) > 1:
        return None
    return either(plans, writer)
