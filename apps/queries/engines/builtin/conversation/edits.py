"""What can be done to the SQL of the last answer without reading another word: count it, turn it round, shorten it."""

from collections.abc import Callable, Mapping

from sqlglot import exp

from apps.knowledge.catalog import Catalog, Kind

from .cues import Cue, Cued
from .dates import a_year_before
from .sources import Sources, Subject, column_named, is_aggregated, members, subject_of

_FUNCTIONS: Mapping[Cue, type[exp.AggFunc]] = {
    Cue.AVERAGE: exp.Avg, Cue.TOTAL: exp.Sum, Cue.LARGEST: exp.Max, Cue.SMALLEST: exp.Min,
}  # fmt: skip
_WORDS = {Cue.AVERAGE: "average", Cue.TOTAL: "total", Cue.LARGEST: "largest", Cue.SMALLEST: "smallest"}
Edit = Callable[[exp.Select, Catalog, Cued], exp.Select | None]


def edited(select: exp.Select, cued: Cued, catalog: Catalog) -> exp.Select | None:
    """The last answer's SQL with what the cue asks for done to it; None where that makes no sense."""
    return _EDITS[cued.cue](select, catalog, cued) if cued.cue in _EDITS else None


def _reversed(select: exp.Select, catalog: Catalog, cued: Cued) -> exp.Select | None:
    return _directed(select, catalog, lambda descending: not descending)


def _set_direction(select: exp.Select, catalog: Catalog, cued: Cued) -> exp.Select | None:
    return _directed(select, catalog, lambda _: cued.cue is Cue.DESCENDING)


def _directed(select: exp.Select, catalog: Catalog, direction: Callable[[bool], bool]) -> exp.Select | None:
    """The same rows in another order; by the first measure where there was no order."""
    changed = _in_some_order(select)
    if changed is None:
        return None
    for key in changed.args["order"].expressions:
        key.set("desc", direction(bool(key.args.get("desc"))))
        key.set("nulls_first", False)
    return changed


def _in_some_order(select: exp.Select) -> exp.Select | None:
    """The query ordered as it was, else by its measure, largest first; None where nothing ranks its rows."""
    changed = select.copy()
    if changed.args.get("order"):
        return changed
    measure = next((one.unalias() for one in changed.expressions if one.find(exp.AggFunc)), None)
    if measure is None or not changed.args.get("group"):
        return None
    return changed.order_by(exp.Ordered(this=measure.copy(), desc=True, nulls_first=False))


def _shortened(select: exp.Select, catalog: Catalog, cued: Cued) -> exp.Select | None:
    ranked = _in_some_order(select)
    return ranked.limit(cued.number) if ranked is not None else None


def _counted(select: exp.Select, catalog: Catalog, cued: Cued) -> exp.Select | None:
    """How many rows the answer has; a number that was counted is that number already."""
    if is_aggregated(select) and not select.args.get("group"):
        return select.copy() if select.find(exp.Count) else None
    return rows_of(select)


def rows_of(select: exp.Select) -> exp.Select:
    """The number of rows of an answer."""
    name = exp.to_identifier("row_count")
    if any(select.args.get(part) for part in ("group", "limit", "distinct")):
        inner = select.copy()
        if inner.args.get("limit") is None:
            inner.set("order", None)
        _name_columns(inner)
        return exp.select(exp.alias_(exp.Count(this=exp.Star()), name)).from_(inner.subquery("earlier"))
    counted = select.copy()
    counted.set("expressions", [exp.alias_(exp.Count(this=exp.Star()), name)])
    counted.set("order", None)
    return counted


def _name_columns(inner: exp.Select) -> None:
    """A derived table needs a name for each column, each once."""
    names: set[str] = set()
    for place, shown in enumerate(inner.expressions):
        name = shown.alias_or_name.lower()
        if not name or name in names or shown.is_star:
            if shown.is_star:
                continue
            shown.replace(exp.alias_(shown.unalias().copy(), f"column_{place + 1}"))
        names.add(name)


def _listed(select: exp.Select, catalog: Catalog, cued: Cued) -> exp.Select | None:
    """The rows that were counted, by name; what was listed is listed again."""
    subject = subject_of(select, catalog)
    if subject is None:
        return None
    if select.args.get("group") or not is_aggregated(select):
        return select.copy()
    named = catalog.tables[subject.table].name_column or catalog.tables[subject.table].id_column
    return _of_extreme(select, subject, catalog) or (show(select, [named.key], catalog) if named else None)


def _of_extreme(select: exp.Select, subject: Subject, catalog: Catalog) -> exp.Select | None:
    """Whose largest or smallest value it was."""
    shown = select.expressions[0].unalias() if len(select.expressions) == 1 else None
    named = catalog.tables[subject.table].name_column
    if not isinstance(shown, exp.Max | exp.Min) or not isinstance(shown.this, exp.Column) or named is None:
        return None
    listed = select.copy()
    listed.set("expressions", [Sources(select, catalog).column(named.key)])
    return listed.where(exp.EQ(this=shown.this.copy(), expression=select.copy().subquery()))


def show(select: exp.Select, keys: list[tuple[str, str]], catalog: Catalog) -> exp.Select | None:
    """Columns of the rows that were counted or reckoned over."""
    sources = Sources(select, catalog)
    if any(sources.alias_of(key[0]) is None for key in keys):
        return None
    listed = select.copy()
    columns = [sources.column(key) for key in keys]
    listed.set("expressions", list(columns))
    subject = subject_of(select, catalog)
    if subject and len(sources.tables) > 1 and (inside := members(select, subject, catalog)) is not None:
        identity = catalog.tables[subject.table].id_column
        if identity and all(key[0] == subject.table for key in keys):  # joins may bring a row more than once
            plain = [column_named(key[1], None) for key in keys]
            found = exp.In(this=column_named(identity.name, None), query=inside.subquery())
            return exp.select(*plain).from_(_table(select, subject)).where(found)
    return listed


def _table(select: exp.Select, subject: Subject) -> exp.Expr:
    """The subject's table as the query names it, without a name of its own."""
    for table in select.find_all(exp.Table):
        if table.alias_or_name == subject.alias:
            plain = table.copy()
            plain.set("alias", None)
            return plain
    return exp.to_table(subject.table)


def _reckoned(select: exp.Select, catalog: Catalog, cued: Cued) -> exp.Select | None:
    """The same column under another aggregate; the other end, where the answer was the first or last of an order."""
    changed = select.copy()
    found = [one for one in changed.expressions for one in one.find_all(exp.Sum, exp.Avg, exp.Max, exp.Min)]
    order, limited = changed.args.get("order"), changed.args.get("limit")
    if order and limited and cued.cue in (Cue.LARGEST, Cue.SMALLEST):
        return _directed(select, catalog, lambda _: cued.cue is Cue.LARGEST)
    if len(found) == 1:
        _replace_aggregate(changed, found[0], cued.cue)
        return changed
    return _over_only_number(select, catalog, cued)


def _replace_aggregate(select: exp.Select, old: exp.Expr, cue: Cue) -> None:
    """Everywhere the same, with a heading that says it."""
    was, function = old.copy(), _FUNCTIONS[cue]
    for one in list(select.find_all(type(was))):
        if one == was:
            one.replace(function(this=one.this.copy()))
    for shown in select.expressions:
        if isinstance(shown, exp.Alias) and shown.find(function):
            column = shown.find(exp.Column)
            shown.set("alias", exp.to_identifier(f"{_WORDS[cue]}_{column.name if column else 'value'}".lower()))


def _over_only_number(select: exp.Select, catalog: Catalog, cued: Cued) -> exp.Select | None:
    """The average of a list's only number."""
    sources = Sources(select, catalog)
    keys = [sources.key_of(one.unalias()) for one in select.expressions if isinstance(one.unalias(), exp.Column)]
    numbers = [
        key for key in keys if key and catalog.columns[key].kind is Kind.NUMBER and not catalog.columns[key].is_id
    ]
    if len(numbers) != 1 or select.args.get("group") or select.args.get("limit"):
        return None
    changed = select.copy()
    column = sources.column(numbers[0])
    heading = f"{_WORDS[cued.cue]}_{numbers[0][1]}".lower()
    changed.set("expressions", [exp.alias_(_FUNCTIONS[cued.cue](this=column), heading)])
    changed.set("order", None)
    changed.set("distinct", None)
    return changed


def _shared(select: exp.Select, catalog: Catalog, cued: Cued) -> exp.Select | None:
    """Each group's part of the whole, in percent, beside what it was."""
    measures = [one for one in select.expressions if one.find(exp.AggFunc)]
    if len(measures) != 1 or not select.args.get("group") or select.args.get("limit"):
        return None
    inner = select.copy()
    inner.set("order", None)
    _name_columns(inner)
    names = [one.alias_or_name for one in inner.expressions]
    amount = next(one.alias_or_name for one in inner.expressions if one.find(exp.AggFunc))
    whole = exp.Window(this=exp.Sum(this=column_named(amount, None)))
    part = exp.Div(
        this=exp.Mul(this=exp.Literal.number("100.0"), expression=column_named(amount, None)), expression=whole
    )
    shown = [*(column_named(name, None) for name in names), exp.alias_(part, "percentage")]
    ordered = exp.Ordered(this=column_named(amount, None), desc=True, nulls_first=False)
    return exp.select(*shown).from_(inner.subquery("earlier")).order_by(ordered)


def _compared(select: exp.Select, catalog: Catalog, cued: Cued) -> exp.Select | None:
    """One number beside that of the year before, with what changed."""
    before = a_year_before(select)
    single = is_aggregated(select) and len(select.expressions) == 1 and not select.args.get("group")
    if before is None or not single:
        return None
    inner = exp.select(
        exp.alias_(before.subquery(), "year_before"), exp.alias_(select.copy().subquery(), "year")
    ).subquery("years")
    earlier, later = column_named("year_before", None), column_named("year", None)
    change = exp.Sub(this=later.copy(), expression=earlier.copy())
    share = exp.Div(
        this=exp.Mul(this=exp.Literal.number("100.0"), expression=exp.Paren(this=change.copy())),
        expression=exp.Nullif(this=earlier.copy(), expression=exp.Literal.number(0)),
    )
    return exp.select(earlier, later, exp.alias_(change, "change"), exp.alias_(share, "percent_change")).from_(inner)


_EDITS: Mapping[Cue, Edit] = {
    Cue.REVERSE: _reversed, Cue.DESCENDING: _set_direction, Cue.ASCENDING: _set_direction, Cue.TOP: _shortened,
    Cue.COUNT: _counted, Cue.LIST: _listed, Cue.AVERAGE: _reckoned, Cue.TOTAL: _reckoned, Cue.LARGEST: _reckoned,
    Cue.SMALLEST: _reckoned, Cue.SHARE: _shared, Cue.YEAR_BEFORE: _compared,
}  # fmt: skip
