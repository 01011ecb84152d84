"""Brings two queries together: rows of one among those of the other, conditions and groups of one on the other."""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.plan import ColumnKey

from .sources import Sources, Subject, column_named, members, select_from


def conjuncts(select: exp.Select) -> list[exp.Expr]:
    """The conditions that all must hold."""
    where = select.args.get("where")
    return list(_flat(where.this)) if where is not None else []


def _flat(condition: exp.Expr) -> Iterator[exp.Expr]:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _flat(condition.left)
        yield from _flat(condition.right)
    else:
        yield condition


def among(asked: exp.Select, earlier: exp.Select, subject: Subject, catalog: Catalog) -> exp.Select | None:
    """What is newly asked, of the rows of the earlier answer alone; None where the two do not hang together."""
    sources = Sources(asked, catalog)
    identity = catalog.tables[subject.table].id_column
    inside = members(earlier, subject, catalog)
    if not sources.is_plain or identity is None:
        return None
    alias = sources.alias_of(subject.table)
    if alias is not None and _is_simple(earlier):
        return _with(asked, [_moved(one, earlier, sources, catalog) for one in conjuncts(earlier)])
    if inside is None:
        return None
    changed = asked.copy()
    if alias is None and (inner := _inner_of(changed, subject, catalog)) is not None:
        key = column_named(identity.name, Sources(inner, catalog).alias_of(subject.table))
        inner.where(exp.In(this=key, query=_wrapped(inside).subquery()), copy=False)
        return changed
    place = sources.column(identity.key) if alias else _key_to(subject, identity.name, sources, catalog)
    return _with(asked, [exp.In(this=place, query=_wrapped(inside).subquery())]) if place is not None else None


def _key_to(subject: Subject, identity: str, sources: Sources, catalog: Catalog) -> exp.Column | None:
    """The only column here that refers to the subject's rows."""
    joins = [
        join
        for table in sources.tables.values()
        for join in catalog.joins.joins_between(table, subject.table)
        if join.target_columns == (identity,)
    ]
    return sources.column((joins[0].table, joins[0].columns[0])) if len(joins) == 1 else None


def _inner_of(select: exp.Select, subject: Subject, catalog: Catalog) -> exp.Select | None:
    """The only sub-select that reads the subject's rows ("customers for whom an order exists")."""
    inner = [one for one in select.find_all(exp.Select) if one is not select]
    found = [one for one in inner if subject.table in Sources(one, catalog).tables.values()]
    return found[0] if len(found) == 1 else None


def _wrapped(inside: exp.Select) -> exp.Select:
    """MySQL takes no limit right inside IN."""
    if inside.args.get("limit") is None:
        return inside
    name = inside.expressions[0].alias_or_name
    return exp.select(exp.column(name)).from_(inside.subquery("earlier"))


def _is_simple(select: exp.Select) -> bool:
    parts = ("group", "having", "limit", "joins", "offset", "with_")
    return not any(select.args.get(part) for part in parts) and isinstance(select_from(select), exp.Table)


def _with(select: exp.Select, conditions: Sequence[exp.Expr]) -> exp.Select:
    """The query with these conditions beside its own, each once."""
    known = {one.sql() for one in conjuncts(select)}
    fresh = [one for one in conditions if one.sql() not in known]
    if not fresh:
        return select.copy()
    changed = select.copy()
    for inner in _extremes(changed):  # the oldest of them is not the oldest of all
        inner.where(*[_grouped(one.copy()) for one in fresh], copy=False)
    return changed.where(*[_grouped(one) for one in fresh])


def _extremes(select: exp.Select) -> list[exp.Select]:
    """Sub-selects of the same table's largest or smallest value."""
    table = select_from(select)
    found = [one.this for one in select.find_all(exp.Subquery) if isinstance(one.this, exp.Select)]
    return [
        one for one in found
        if select_from(one) == table and not one.args.get("joins") and not one.args.get("group")
        and len(one.expressions) == 1 and isinstance(one.expressions[0].unalias(), exp.Max | exp.Min)
    ]  # fmt: skip


def _grouped(condition: exp.Expr) -> exp.Expr:
    return exp.Paren(this=condition) if isinstance(condition, exp.Or) else condition


def _moved(condition: exp.Expr, source: exp.Select, target: Sources, catalog: Catalog) -> exp.Expr:
    """A condition of one query as it is written in another that reads the same table."""
    here = Sources(source, catalog)
    moved = condition.copy()
    holder = exp.Paren(this=moved)
    for column in list(holder.find_all(exp.Column)):
        inner = column.find_ancestor(exp.Select)
        if inner is not None and (not column.table or column.table in Sources(inner, catalog).tables):
            continue
        key = here.key_of(column)
        if key and (alias := target.alias_of(key[0])):  # a sub-select would take a bare name for its own
            column.replace(target.column(key) if inner is None else column_named(key[1], alias))
    out: exp.Expr = holder.this
    return out


def negated(asked: exp.Select) -> exp.Select | None:
    """The query for all rows but those that it is about; None where it has no condition to turn round."""
    found = conjuncts(asked)
    if not found or asked.args.get("group") or asked.args.get("limit"):
        return None
    turned = asked.copy()
    turned.set("where", None)
    if len(found) == 1 and isinstance(found[0], exp.EQ):
        return turned.where(exp.NEQ(this=found[0].this.copy(), expression=found[0].expression.copy()))
    return turned.where(exp.Not(this=exp.Paren(this=exp.and_(*(one.copy() for one in found)))))


def narrowed(earlier: exp.Select, asked: exp.Select, catalog: Catalog, *, exchanges: bool) -> exp.Select | None:
    """The earlier query with the conditions newly said; one on a column that was narrowed before takes its place where
    that `exchanges` it. None where they do not fit.
    """
    there, here = Sources(asked, catalog), Sources(earlier, catalog)
    fresh = conjuncts(asked)
    if not fresh or not there.is_plain or not here.tables:
        return None
    base = next(iter(there.tables.values()))
    if here.alias_of(base) is None:
        return None
    if all(table in here.tables.values() for table in there.tables.values()):
        moved = [_moved(one, asked, here, catalog) for one in fresh]
        kept = earlier
        if exchanges:
            kept = _without(earlier, {key for one in fresh for key in _keys(one, there)}, catalog)
        return _with(kept, moved)
    identity = catalog.tables[base].id_column
    if identity is None:
        return None
    inside = asked.copy()
    for part in ("order", "limit", "group", "distinct"):
        inside.set(part, None)
    inside.set("expressions", [there.column(identity.key)])
    return _with(earlier, [exp.In(this=here.column(identity.key), query=inside.subquery())])


def _without(select: exp.Select, keys: set[ColumnKey], catalog: Catalog) -> exp.Select:
    """The query without its conditions on these columns."""
    sources = Sources(select, catalog)
    kept = [one for one in conjuncts(select) if not _keys(one, sources) or not set(_keys(one, sources)) <= keys]
    changed = select.copy()
    changed.set("where", None)
    return changed.where(*[_grouped(one.copy()) for one in kept]) if kept else changed


def _keys(condition: exp.Expr, sources: Sources) -> list[ColumnKey]:
    """The query's own columns that a condition looks at."""
    found = [sources.key_of(one) for one in condition.find_all(exp.Column)]
    return [key for key in found if key is not None]


def grouped(earlier: exp.Select, asked: exp.Select, catalog: Catalog, *, replaces: bool) -> exp.Select | None:
    """The earlier measures for each value of what is newly grouped by; None where they do not fit."""
    there = Sources(asked, catalog)
    group = asked.args.get("group")
    measures = [one for one in earlier.expressions if one.find(exp.AggFunc)]
    if group is None or not there.is_plain or (not measures and earlier.args.get("group")):
        return None
    changed = _joined(earlier, asked, catalog)
    if changed is None:
        return None
    here = Sources(changed, catalog)
    shown = [_moved(one, asked, here, catalog) for one in asked.expressions if not one.find(exp.AggFunc)]
    keys = [_moved(one, asked, here, catalog) for one in group.expressions]
    if not measures:
        measures = [exp.alias_(exp.Count(this=exp.Star()), "row_count")]
    old = earlier.args.get("group")
    kept = [one.copy() for one in earlier.expressions if not one.find(exp.AggFunc)] if old and not replaces else []
    old_keys = [one.copy() for one in old.expressions] if old is not None and not replaces else []
    qualified = len(here.tables) > 1
    changed.set(
        "expressions", [*kept, *shown, *(_qualified(one, earlier, here, catalog, qualified) for one in measures)]
    )
    changed.set("group", exp.Group(expressions=[*old_keys, *keys]))
    if replaces:
        changed.set("limit", None)
    changed.set("order", None)
    order = asked.args.get("order")
    by: list[exp.Expr] = [exp.Ordered(this=measures[0].unalias().copy(), desc=True, nulls_first=False)]
    if order is not None and not order.find(exp.AggFunc):  # times come in their own order
        by = [_moved(one, asked, here, catalog) for one in order.expressions]
    return changed.order_by(*by)


def _qualified(one: exp.Expr, source: exp.Select, target: Sources, catalog: Catalog, needed: bool) -> exp.Expr:
    return _moved(one, source, target, catalog) if needed else one.copy()


def _joined(earlier: exp.Select, asked: exp.Select, catalog: Catalog) -> exp.Select | None:
    """The earlier query with the tables that the new one reads beside it; None where a name would mean two."""
    here, there = Sources(earlier, catalog), Sources(asked, catalog)
    base = next(iter(there.tables.values()))
    if here.alias_of(base) is None or not here.is_plain:
        return None
    missing = [
        join
        for join in asked.args.get("joins") or ()
        if there.tables.get(join.this.alias_or_name) not in set(here.tables.values())
    ]
    if any(join.this.alias_or_name in here.tables for join in missing):
        return None
    changed = earlier.copy()
    for join in missing:
        changed.append("joins", join.copy())
    if missing:
        wider = Sources(changed, catalog)
        for part in ("where", "having"):
            if clause := changed.args.get(part):
                clause.set("this", _moved(clause.this, earlier, wider, catalog))
        for join in changed.args["joins"][-len(missing) :]:
            if on := join.args.get("on"):
                join.set("on", _moved(on, asked, wider, catalog))
    return changed
