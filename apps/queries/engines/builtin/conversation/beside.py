"""Columns put beside the rows that were listed: "with their ages", "how many legs do they have?"."""

from collections.abc import Sequence

from sqlglot import exp

from apps.knowledge.catalog import Catalog, Kind
from apps.queries.engines.builtin.ambiguity.rows import called, listed
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.plan import ColumnKey
from apps.queries.engines.builtin.spans import SpanKind
from apps.queries.engines.builtin.sql import NotJoinable, SqlWriter

from .columns import ASKING, columns_said
from .joining import among
from .sources import Sources, Subject, is_aggregated
from .standing import Standing, limit_of

SURE_TABLE = 0.9
_MANY = frozenset(("they", "their", "them", "each"))
_PICKING = frozenset(
    "which who whose highest lowest most least more than less over under above below largest smallest oldest youngest "
    "latest earliest longest shortest per by not never no without average total number count sum".split()
)


def goes_beside(
    words: Sequence[str], columns: Sequence[ColumnKey], select: exp.Select, subject: Subject, catalog: Catalog
) -> bool:
    """Whether columns asked of several rows say little without what tells the rows apart, which is shown already."""
    if not _MANY & set(words) or not _is_list(select) or limit_of(select) == 1:
        return False
    shown = set(_shown(select, catalog))
    entry = catalog.tables[subject.table]
    names = {one.key for one in (entry.name_column, entry.id_column) if one} | set(called(catalog, subject.table))
    return bool(names & shown) and names.isdisjoint(columns)


def beside(select: exp.Select, columns: Sequence[ColumnKey], catalog: Catalog) -> exp.Select:
    """The same rows with these columns of their tables too."""
    wider, sources = select.copy(), Sources(select, catalog)
    fresh = [sources.column(key) for key in columns]
    wider.set("expressions", [*wider.expressions, *(one for one in fresh if one not in wider.expressions)])
    return wider


def beside_from_afar(analysis: Analysis, last: Standing, subject: Subject) -> exp.Select | None:
    """The listed rows with columns of those that each of them refers to by one key ("with their tutors' phones")."""
    catalog, said = analysis.catalog, {token.text.lower() for token in analysis.tokens}
    if not _MANY & said or not _is_list(last.tree) or last.tree.args.get("limit"):
        return None
    kept = [key for key in _shown(last.tree, catalog) if key[0] == subject.table]
    far = _columns_afar(analysis, subject)
    if not far or not kept or len(kept) < len(last.tree.expressions):
        return None
    tables = (subject.table, *dict.fromkeys(table for table, _ in far if table != subject.table))
    try:
        asked = SqlWriter(catalog).write(listed([*kept, *far], tables, ()))
    except NotJoinable:
        return None
    return among(asked, last.tree, subject, catalog) if isinstance(asked, exp.Select) else None


def _columns_afar(analysis: Analysis, subject: Subject) -> tuple[ColumnKey, ...]:
    """The columns that all words name, of the answer's rows and of tables that these refer to, whose rows by themselves
    are called by name ("with their tutors").
    """
    catalog, words = analysis.catalog, {token.text.lower() for token in analysis.tokens}
    tables = _referred_to(subject, catalog)
    named = [one for one in analysis.links if one.column is None and one.table in tables and one.quality >= SURE_TABLE]
    calling = {token.text.lower() for one in named for token in analysis.tokens[one.start : one.end]}
    said = columns_said(analysis, [subject.table, *tables], ignored=ASKING | calling | {"many"})
    if said.left_over or words & _PICKING or _says_a_value(analysis, said.places):
        return ()
    whole = {one.table for one in named} - {table for table, _ in said.columns}
    own = [key for key in said.columns if not (catalog.columns[key].is_foreign and whole)]
    columns = (*own, *(key for table in sorted(whole) for key in called(catalog, table)))
    if "many" in words and any(catalog.columns[key].kind is not Kind.NUMBER for key in columns):
        return ()
    return columns if any(table != subject.table for table, _ in columns) else ()


def _says_a_value(analysis: Analysis, taken: frozenset[int]) -> bool:
    spans = [span for span in analysis.spans if span.matches or span.kind is not SpanKind.TEXT]
    return any(not taken.issuperset(range(span.start, span.end)) for span in spans)


def _referred_to(subject: Subject, catalog: Catalog) -> list[str]:
    """Tables of which each of the subject's rows has but one."""
    found = []
    for table in sorted(catalog.joins.neighbours(subject.table)):
        joins, identity = catalog.joins.joins_between(subject.table, table), catalog.tables[table].id_column
        if table != subject.table and identity and len(joins) == 1 and joins[0].target_columns == (identity.name,):
            found.append(table)
    return found


def _is_list(select: exp.Select) -> bool:
    """Whether single rows were listed, each as itself."""
    return not is_aggregated(select) and not select.args.get("group") and not select.args.get("distinct")


def _shown(select: exp.Select, catalog: Catalog) -> list[ColumnKey]:
    sources = Sources(select, catalog)
    columns = [one.unalias() for one in select.expressions]
    return [key for one in columns if isinstance(one, exp.Column) and (key := sources.key_of(one))]
