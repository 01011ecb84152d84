"""What a column of numbers is measured in, and whether its numbers add up, from its name and samples."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

_CURRENCIES = "usd eur gbp chf jpy cny inr cad aud sek nok dkk pln czk huf brl mxn zar".split()
_UNITS = {
    "pct": "%", "percent": "%", "percentage": "%", "kg": "kg", "grams": "g", "km": "km", "cm": "cm", "mm": "mm",
    "meters": "m", "metres": "m", "miles": "miles", "kmh": "km/h", "mph": "mph", "ms": "ms", "millis": "ms",
    "seconds": "s", "secs": "s", "minutes": "min", "mins": "min", "hours": "h", "days": "days", "weeks": "weeks",
    "bytes": "bytes", "kb": "KB", "mb": "MB", "gb": "GB", "celsius": "°C", "kwh": "kWh", "m2": "m²", "sqm": "m²",
    "dollars": "USD", "euros": "EUR",
}  # fmt: skip
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "%": "%"}
_QUANTITY = re.compile(r"-?([$€£])?\s?-?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s?([€%])?")

_NEVER = re.compile(
    r"avg|average|mean|median|min|max|minimum|maximum|rate|ratio|percent|percentage|pct|share|price|age|score|rating|"
    r"per|distinct|unique|rank|stddev|variance|temperature|index|growth|change|cumulative|running|mode|percentile"
)
_ALWAYS = re.compile(
    r"count|counts|total|totals|sum|number|num|n|cnt|revenue|sales|amount|quantity|qty|turnover|orders|units|visits|"
    r"cost|costs|spend|profit"
)


def words_of(name: str) -> list[str]:
    """A column's name as words: `totalUSD`, `total_usd` and `SUM(total)` alike."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Za-z][a-z]*\d?|\d+|%", name)]


def unit_of(name: str, values: Sequence[Any]) -> str:
    """The unit that the name or every value says ("EUR", "%", "kg"), or nothing."""
    if "%" in name:
        return "%"
    for word in reversed(words_of(name)):
        if word in _CURRENCIES:
            return word.upper()
        if word in _UNITS:
            return _UNITS[word]
    marks = {_mark(value) for value in values if isinstance(value, str)}
    return _SYMBOLS[mark] if len(marks) == 1 and (mark := marks.pop()) else ""


def _mark(value: str) -> str:
    match = _QUANTITY.fullmatch(value.strip())
    return (match.group(1) or match.group(4) or "") if match else ""


def quantity(value: str) -> Decimal | None:
    """A number written with its currency, percent sign or decimals ("$1,204.50"); None for anything else.

    Bare digits are none: they are as often codes.
    """
    match = _QUANTITY.fullmatch(value.strip()) if len(value) <= 40 else None
    if match is None or not (match.group(1) or match.group(3) or match.group(4)):
        return None
    try:
        number = Decimal(match.group(2).replace(",", "") + (match.group(3) or ""))
    except InvalidOperation:
        return None
    return -number if "-" in value else number


def adds_up(name: str, question_asks_for_totals: bool) -> bool:
    """Do the numbers of this column make a sum that means something?

    A name that says neither is believed where the question asks for a total.
    """
    words = words_of(name)
    if any(_NEVER.fullmatch(word) for word in words):
        return False
    return question_asks_for_totals or any(_ALWAYS.fullmatch(word) for word in words)


def titled(name: str, unit: str) -> str:
    """The column's name as an axis says it, with its unit: `total_usd` is "total (USD)"."""
    printable = "".join(character if character.isprintable() else " " for character in name.replace("_", " "))
    plain = " ".join(printable.split()) or "value"
    if not unit:
        return plain[:80]
    kept = [word for word in plain.split() if word.upper() != unit and _UNITS.get(word.lower()) != unit]
    return f"{' '.join(kept) or plain} ({unit})"[:80]


def drawable(value: Any) -> float | None:
    """A number as a picture takes it: exactness ends here. None where no float holds it."""
    if value is None:
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None
