"""Conditions by a unit or an ordinal: "those with more than 10 years", "only those in their second year"."""

import re
from collections.abc import Mapping, Sequence

from sqlglot import exp

from apps.knowledge.catalog import ColumnEntry, Kind
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.plan import ColumnKey

from .sources import Sources, is_aggregated, subject_of
from .standing import Standing

_LEAD = (
    r"(?:(?:and|but|now|ok|so|just|only|show|me|list|keep|those|the|ones|these|them|who|that|which|are|is|have|has|had)"
    r" )*"
)
_ORDINALS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        ("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th", "eighth 8th",
         "ninth 9th", "tenth 10th"), 1)
    for name in names.split()
}  # fmt: skip
_ORDINAL = re.compile(
    rf"{_LEAD}(?:(?:in|of|on|at|from) )?(?:(?:their|the|its|his|her) )?(?P<number>{'|'.join(_ORDINALS)})"
    r" (?P<unit>\w+)(?: only)?"
)
_COMPARED: Mapping[str, type[exp.Binary]] = {
    "more than": exp.GT, "over": exp.GT, "above": exp.GT, "longer than": exp.GT, "greater than": exp.GT,
    "at least": exp.GTE, "less than": exp.LT, "fewer than": exp.LT, "under": exp.LT, "below": exp.LT,
    "shorter than": exp.LT, "at most": exp.LTE, "exactly": exp.EQ,
}  # fmt: skip
_COMPARING = re.compile(
    rf"{_LEAD}(?:(?:with|of|having|at) )?(?P<how>{'|'.join(_COMPARED)}) (?P<number>\d[\d,]*(?:\.\d+)?)"
    r"(?: (?P<unit>\w+))?(?: only)?"
)
_SHORT = {
    "kilos": "kg",
    "kilograms": "kg",
    "kilo": "kg",
    "metres": "m",
    "meters": "m",
    "kilometers": "km",
    "kilometres": "km",
}


def narrowed_by_unit(said: str, analysis: Analysis, last: Standing) -> exp.Select | None:
    """The listed rows whose column meets what is said of it; None where no one column is meant."""
    if (found := _ORDINAL.fullmatch(said)) and said not in _ORDINALS:
        number: exp.Expr = exp.Literal.number(_ORDINALS[found["number"]])
        return _narrowed(found["unit"], exp.EQ, number, analysis, last, is_ordinal=True)
    if found := _COMPARING.fullmatch(said):
        number = exp.Literal.number(found["number"].replace(",", ""))
        return _narrowed(found["unit"] or "", _COMPARED[found["how"]], number, analysis, last)
    return None


def _narrowed(
    unit: str, compared: type[exp.Binary], number: exp.Expr, analysis: Analysis, last: Standing, *,
    is_ordinal: bool = False,
) -> exp.Select | None:  # fmt: skip
    select = last.tree
    if is_aggregated(select) or select.args.get("group") or select.args.get("limit"):
        return None
    key = _column(unit, analysis, last, is_ordinal=is_ordinal)
    if key is None:
        return None
    return select.copy().where(compared(this=Sources(select, analysis.catalog).column(key), expression=number))


def _column(unit: str, analysis: Analysis, last: Standing, *, is_ordinal: bool) -> ColumnKey | None:
    """The number that the unit names; of several one that is shown, and for an amount years rather than a year.

    Where none is named so, the only number shown; an ordinal wants a name.
    """
    catalog, subject = analysis.catalog, subject_of(last.tree, analysis.catalog)
    if subject is None:
        return None
    sources = Sources(last.tree, catalog)
    columns = [one.unalias() for one in last.tree.expressions]
    shown = {key for one in columns if isinstance(one, exp.Column) and (key := sources.key_of(one))}
    numbers = [one for one in catalog.tables[subject.table].columns if one.kind is Kind.NUMBER and not one.is_id]
    named = [one for one in numbers if unit and _is_named(one, unit)]
    for wanted in ([one for one in named if one.key in shown], _of_form(named, unit, is_ordinal=is_ordinal), named):
        if len(wanted) == 1:
            return wanted[0].key
    seen = [one for one in numbers if one.key in shown]
    return seen[0].key if len(seen) == 1 and not named and not is_ordinal else None


def _is_named(entry: ColumnEntry, unit: str) -> bool:
    stems = {unit, unit.rstrip("s"), _SHORT.get(unit, unit)}
    return bool(stems & {word.rstrip("s") for word in entry.words} | stems & set(entry.words))


def _of_form(named: Sequence[ColumnEntry], unit: str, *, is_ordinal: bool) -> list[ColumnEntry]:
    """Columns whose name ends with the unit for an ordinal ("study_year"), or says an amount ("years_of_service")."""
    if is_ordinal:
        return [one for one in named if one.words[-1].rstrip("s") == unit.rstrip("s")]
    return [one for one in named if unit in re.split(r"[^a-z]+", one.name.lower()) and unit.endswith("s")]
