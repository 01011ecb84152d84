"""SQL as a model gets to see it: with placeholders for the constants that come from data. No Django here."""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from apps.datasources.schema import Schema, Table
from apps.knowledge.sql_constants import FORMAT, Constant, ConstantKind, constants_of
from apps.llm.personal_data import Hidden, kind_of_column
from apps.llm.privacy import PrivacyLevel
from apps.llm.pseudonyms import Pseudonyms

STRING = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
MODIFIER = re.compile(
    r"now|localtime|utc|auto|unixepoch|weekday \d|start of (?:year|month|day)"
    r"|[+-]?\d+ ?(?:year|quarter|month|week|day|hour|minute|second)s?|\d+",
    re.IGNORECASE,
)
LETTERS = re.compile(r"[^\W_]{2}")
WORD = re.compile(r"[\w-]+")


def hidden_sql(sql: str, names: Pseudonyms, *, schema: Schema, privacy: PrivacyLevel, said: str) -> str:
    """The statement with placeholders in its literals, as far as the level hides them; without comments.

    Numbers and dates that `said`, the words of people, hold are theirs and stay, as do whole years and ends of months,
    formats and limits. SQL that cannot be parsed loses all that stands in quotation marks.
    """
    try:
        tree = parse_one(sql, dialect=schema.dialect)
    except (SqlglotError, RecursionError):
        return names.hide_known(STRING.sub("'…'", sql)) if not privacy.shows_values else names.hide_known(sql)
    tables = [table for node in tree.find_all(exp.Table) if (table := schema.table(node.name, node.db or None))]
    _quoted_values(tree, tables)
    before = tree.sql(dialect=schema.dialect, comments=False)
    words = frozenset(WORD.findall(said))
    for constant in constants_of(tree, schema):
        for literal in constant.literals:
            _hide(literal, constant, _kind(literal, constant, [one.name for one in tables]), names, privacy, words)
    after = tree.sql(dialect=schema.dialect, comments=False)
    return sql if after == before and not any(node.comments for node in tree.walk()) else after


def _quoted_values(tree: exp.Expr, tables: Sequence[Table]) -> None:
    """Make strings of names in double quotes that are no names here: SQLite takes them for strings."""
    aliases = {alias.alias for alias in tree.find_all(exp.Alias, exp.TableAlias)}
    for node in list(tree.find_all(exp.Column)):
        is_quoted = isinstance(node.this, exp.Identifier) and node.this.quoted and not node.table
        if is_quoted and node.name not in aliases and not any(table.column(node.name) for table in tables):
            node.replace(exp.Literal.string(node.name))


def _hide(
    literal: exp.Literal,
    constant: Constant,
    kind: Hidden,
    names: Pseudonyms,
    privacy: PrivacyLevel,
    said: Collection[str],
) -> None:
    """Put a placeholder into the literal, in a pattern between its wildcards."""
    text = str(literal.this)
    if not privacy.hides(kind):
        literal.set("this", names.hide_forms(text) if literal.is_string else text)
        return
    if not kind.is_personal and _is_said_or_plain(literal, constant, said):
        return
    core = text.strip("%_") if isinstance(literal.parent, exp.Like | exp.ILike) else text
    before, _, after = text.partition(core) if core else (text, "", "")
    if core and LETTERS.search(core):
        places = [constant.column] if constant.column else []
        literal.set("this", f"{before}{names.hide(core, kind, places=places)}{after}")
        literal.set("is_string", True)


def _kind(literal: exp.Literal, constant: Constant, tables: Collection[str]) -> Hidden:
    """What a constant is: personal data where a column, of any of these tables, is that it stands beside."""
    personal = next((kind for kind in _column_kinds(literal, constant, tables) if kind), None)
    if personal is not None:
        return personal
    if not literal.is_string:
        return Hidden.NUMBER
    return Hidden.DATE if constant.kind is ConstantKind.DATE else Hidden.VALUE


def _column_kinds(literal: exp.Literal, constant: Constant, tables: Collection[str]) -> Iterator[Hidden | None]:
    if constant.is_limit:
        return
    if constant.column:
        yield kind_of_column(constant.column[1], constant.column[0])
    beside = literal.find_ancestor(exp.Predicate, exp.Between, exp.In)
    for column in beside.find_all(exp.Column) if beside is not None and not isinstance(beside, exp.Exists) else ():
        yield from (kind_of_column(column.name, table) for table in tables)


def _is_said_or_plain(literal: exp.Literal, constant: Constant, said: Collection[str]) -> bool:
    """Whether a constant comes from people's own words, or tells nothing of the data."""
    text = str(literal.this)
    if constant.is_limit or constant.kind is ConstantKind.YEAR:
        return True
    if not literal.is_string:
        return text in said or not constant.is_telling or literal.find_ancestor(exp.Predicate) is None
    if constant.kind is ConstantKind.DATE:
        return text in said or _ends_a_month(text)
    in_call = isinstance(literal.parent, exp.Func | exp.Interval | exp.Cast)
    return in_call and (FORMAT.fullmatch(text) or MODIFIER.fullmatch(text)) is not None


def _ends_a_month(text: str) -> bool:
    """The first or last day of a month: bounds of periods, not what somebody looked up."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return False
    return day.day == 1 or (day + dt.timedelta(days=1)).day == 1
