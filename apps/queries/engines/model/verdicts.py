"""What becomes of each reading's SQL: a syntax tree that the guard lets through, or words on what is wrong with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
from sqlglot import exp, parse_one
from sqlglot.errors import ParseError, SqlglotError

from apps.datasources.access import Access
from apps.datasources.guard import Refusal, UnsafeSql, check_sql
from apps.llm.pseudonyms import Pseudonyms, UnknownPlaceholder
from apps.monitoring.metrics import GUARD_VERDICTS
from apps.queries.engines.model.answer import ChoiceMade, ReadingMade
from apps.queries.engines.model.plain_words import plain_words
from apps.queries.prompts.repeating import repeats_rules

log = structlog.get_logger(__name__)
CONTROL = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Verdict:
    """`tree` where the SQL may be used; where not, `words` for the model, and the guard's `refusal` if it refused."""

    made: ReadingMade
    tree: exp.Expression | None = None
    refusal: UnsafeSql | None = None
    words: str = ""

    @property
    def is_unreadable(self) -> bool:
        """The SQL does not even parse, uses a placeholder that nobody gave, or says our rules."""
        if self.refusal is None:
            return self.tree is None
        return self.refusal.refusal is Refusal.CANNOT_PARSE


def judge(readings: Sequence[ReadingMade], access: Access, names: Pseudonyms) -> list[Verdict]:
    """One verdict for each reading with its values back in it, by the guard; words on it hide values again.

    The journey asks the guard again before anything runs.
    """
    return [_judged(made, access, names) for made in readings]


def _judged(made: ReadingMade, access: Access, names: Pseudonyms) -> Verdict:
    if repeats_rules(made.sql):
        return Verdict(made, words="The SQL repeats rules instead of reading the data.")
    try:
        made = restored(made, names, dialect=access.schema.dialect)
    except UnknownPlaceholder as error:
        return Verdict(made, words=str(error))
    verdict = _by_guard(made, access)
    return replace(verdict, words=names.hide_known(names.restore(verdict.words)))


def restored(made: ReadingMade, names: Pseudonyms, *, dialect: str) -> ReadingMade:
    """The reading with values in the place of placeholders; a sentence with one that nobody gave is left out.

    Raises: UnknownPlaceholder for such a one in SQL or in a choice.
    """
    said = " ".join(text for one in made.choices for text in (one.phrase, one.label, one.meaning))
    for unknown in names.unknown_in(said):
        raise UnknownPlaceholder(f"There is no placeholder {unknown}.")
    assumptions = [names.restore_sentences(plain_words(one)) for one in made.assumptions]
    return ReadingMade.model_validate(
        {
            "sql": _restored_sql(made.sql, names, dialect),
            "explanation": names.restore_sentences(plain_words(made.explanation)),
            "likelihood": made.likelihood,
            "assumptions": [one for one in assumptions if one],
            "choices": [_restored_choice(one, names) for one in made.choices],
        }
    )


def _restored_choice(made: ChoiceMade, names: Pseudonyms) -> dict[str, str]:
    """The phrase is the person's words, and so in their spelling; the rest speaks of the data."""
    return {
        "field": made.field,
        "phrase": names.restore(plain_words(made.phrase), as_said=True),
        "label": names.restore(plain_words(made.label)),
        "meaning": names.restore(plain_words(made.meaning)),
    }


def _restored_sql(sql: str, names: Pseudonyms, dialect: str) -> str:
    """SQL without placeholders stays as it is, and so does what cannot be parsed: the guard has words for that."""
    if not names.placeholders_in(sql):
        return sql
    try:
        tree = parse_one(sql, dialect=dialect)
    except (SqlglotError, RecursionError):
        return sql
    return names.restore_sql(tree).sql(dialect=dialect)


def _by_guard(made: ReadingMade, access: Access) -> Verdict:
    dialect = access.schema.dialect
    try:
        check_sql(made.sql, dialect=dialect, access=access)
        tree = parse_one(made.sql, dialect=dialect)
    except UnsafeSql as error:
        GUARD_VERDICTS.labels(error.error_code).inc()
        log.warning("sql_refused", code=error.error_code, engine="model")
        words = error.message
        if error.refusal is Refusal.CANNOT_PARSE:
            words = f"{words} {_parser_words(error.__cause__)}"
        return Verdict(made, refusal=error, words=words.strip())
    assert isinstance(tree, exp.Expression)
    return Verdict(made, tree=tree)


def _parser_words(cause: BaseException | None) -> str:
    """Where and why the parser stumbled, on one line."""
    if isinstance(cause, ParseError) and cause.errors:
        first = cause.errors[0]
        return f"{first.get('description')}, line {first.get('line')}, near {first.get('highlight')!r}."
    if isinstance(cause, SqlglotError):
        return " ".join(CONTROL.sub("", str(cause)).split())[:200]
    return ""
