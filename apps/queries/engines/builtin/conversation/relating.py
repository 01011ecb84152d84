"""What belongs to the listed rows, whatever the verb: "which gyms do they work at?", "where do they work?"."""

import re
from collections.abc import Iterator

from sqlglot import exp

from apps.knowledge.catalog import Catalog, Kind
from apps.knowledge.joins import Join
from apps.queries.engines.builtin.ambiguity.rows import called, listed
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.sql import NotJoinable, SqlWriter

from .joining import among
from .sources import Sources, Subject, is_aggregated, subject_of
from .standing import Standing

SURE_TABLE = 0.9
_THEY = r"(?:they|these|those|he|she|it|each|each of them|all of them)"
_WHICH = re.compile(
    rf"(?:(?:and|so|ok|now|but) )*(?:(?:in|at|on|to|from|for|with|by) )?(?:which|what) (?P<what>\w+(?: \w+)?)"
    rf" (?:do|does|did|are|is|were|was|have|has|had) {_THEY}(?: \w+){{0,3}}"
)
_WHERE = re.compile(rf"(?:(?:and|so|ok|now|but) )*where (?:do|does|did) {_THEY} (?P<verb>\w+)")
_OWN_PLACE = frozenset("live come stay reside originate hail belong stem".split())  # rather a column of their own
_PLACES = frozenset("city town country location address place state region".split())
Path = tuple[Join, ...]


def asks_for_related(said: str) -> bool:
    """Whether what belongs to the rows of an answer is asked for."""
    return _WHICH.fullmatch(said) is not None


def related(said: str, analysis: Analysis, last: Standing) -> exp.Select | None:
    """The answer's rows, each with what it belongs to; None where no one way of keys leads there."""
    catalog = analysis.catalog
    subject = subject_of(last.tree, catalog)
    if subject is None or _is_reckoned(last.tree) or any(span.matches for span in analysis.spans):
        return None
    path = _path_said(said, analysis, subject)
    if path is None or not called(catalog, path[-1].target):
        return None
    asked = _joined(_kept(last.tree, subject, catalog), path, catalog)
    return among(asked, last.tree, subject, catalog) if asked is not None else None


def _is_reckoned(select: exp.Select) -> bool:
    """Whether the answer is a figure of which no row is left: a highest price, an average."""
    return any(one.find(exp.Max, exp.Min, exp.Avg, exp.Sum) for one in select.expressions)


def _path_said(said: str, analysis: Analysis, subject: Subject) -> Path | None:
    catalog = analysis.catalog
    if found := _WHICH.fullmatch(said):
        start = next(place for place, one in enumerate(analysis.tokens) if one.text.lower() in ("which", "what")) + 1
        end = start + len(found["what"].split())
        sure = [link for link in analysis.links if link.column is None and link.quality >= SURE_TABLE]
        tables = {link.table for link in sure if (link.start, link.end) == (start, end)}
        paths = [path for table in tables - {subject.table} for path in _paths(subject.table, table, catalog)]
        return paths[0] if len(paths) == 1 else None
    if (found := _WHERE.fullmatch(said)) and found["verb"] not in _OWN_PLACE:
        others = [table for table in catalog.tables if table != subject.table and _is_place(table, catalog)]
        paths = [path for table in others for path in _paths(subject.table, table, catalog)]
        return paths[0] if len(paths) == 1 else None
    return None


def _is_place(table: str, catalog: Catalog) -> bool:
    """Whether rows of a table are somewhere."""
    return any(_PLACES & set(one.words) and one.kind is Kind.TEXT for one in catalog.tables[table].columns)


def _paths(near: str, far: str, catalog: Catalog) -> list[Path]:
    """One key, else one table that does nothing but link the two."""
    direct = catalog.joins.joins_between(near, far)
    if direct:
        return [(join,) for join in direct]
    return list(_through_links(near, far, catalog))


def _through_links(near: str, far: str, catalog: Catalog) -> Iterator[Path]:
    own, other = catalog.tables[near].id_column, catalog.tables[far].id_column
    if own is None or other is None:
        return
    for link in sorted(catalog.joins.neighbours(near) & catalog.joins.neighbours(far)):
        to_link = [one for one in catalog.joins.joins_between(near, link) if one.columns == (own.name,)]
        to_far = [one for one in catalog.joins.joins_between(link, far) if one.target_columns == (other.name,)]
        for first in to_link:
            yield from ((first, second) for second in to_far)


def _kept(select: exp.Select, subject: Subject, catalog: Catalog) -> list[str]:
    """The subject's columns that were shown, else what its rows are called by."""
    sources = Sources(select, catalog)
    columns = [one.unalias() for one in select.expressions]
    keys = [sources.key_of(one) for one in columns if isinstance(one, exp.Column)]
    own = [key[1] for key in keys if key and key[0] == subject.table]
    if own and not is_aggregated(select):
        return own
    return [name for _, name in called(catalog, subject.table)]


def _joined(shown: list[str], path: Path, catalog: Catalog) -> exp.Select | None:
    """Columns of the near table beside what the far one's rows are called by."""
    near, far = path[0].table, path[-1].target
    tables = (near, *(join.target for join in path))
    if len(set(tables)) < len(tables) or not shown:
        return None
    keys = [*((near, name) for name in shown), *called(catalog, far)]
    try:
        asked = SqlWriter(catalog).write(listed(keys, tables, ()))
    except NotJoinable:
        return None
    middle = catalog.tables[path[0].target].table
    if not isinstance(asked, exp.Select) or len(path) == 1 or _is_pair(path, middle.primary_key):
        return asked if isinstance(asked, exp.Select) else None
    return asked.distinct()


def _is_pair(path: Path, key: tuple[str, ...]) -> bool:
    """Whether the linking table holds each pair but once."""
    return set(key) == {*path[0].target_columns, *path[1].columns}
