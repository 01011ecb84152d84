"""Every number in a text, however it is written: digits, words, percentages, magnitudes, ordinals, ratios, dates."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS: dict[str, Decimal] = {
    **{word: Decimal(at) for at, word in enumerate(_UNITS)},
    **{word: Decimal(value) for word, value in _TENS.items()},
    "dozen": Decimal(12), "hundred": Decimal(100), "thousand": Decimal(1_000), "million": Decimal(10**6),
    "billion": Decimal(10**9), "trillion": Decimal(10**12),
    "hundreds": Decimal(100), "thousands": Decimal(1_000), "millions": Decimal(10**6), "billions": Decimal(10**9),
    "dozens": Decimal(12), "twice": Decimal(2), "double": Decimal(2), "doubled": Decimal(2), "thrice": Decimal(3),
    "triple": Decimal(3), "tripled": Decimal(3), "quadrupled": Decimal(4),
    "half": Decimal("0.5"), "halved": Decimal("0.5"),
    "quarter of": Decimal("0.25"), "third of": Decimal(1) / 3, "thirds of": Decimal(1) / 3, "both": Decimal(2),
    "pair": Decimal(2), "none": Decimal(0), "no": Decimal(0), "nobody": Decimal(0), "single": Decimal(1),
}  # fmt: skip
_ORDINALS = {
    word: Decimal(at)
    for at, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 1
    )
}
_MAGNITUDES = {
    "k": 3, "thousand": 3, "m": 6, "mn": 6, "mio": 6, "million": 6, "millions": 6, "bn": 9, "b": 9, "billion": 9,
    "billions": 9, "trillion": 12, "tn": 12, "hundred": 2, "dozen": 0,
}  # fmt: skip
_MULTIPLES = frozenset(
    (
        "twice",
        "double",
        "doubled",
        "thrice",
        "triple",
        "tripled",
        "quadrupled",
        "half",
        "halved",
        "quarter of",
        "third of",
    )
)
_MONTHS = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = re.compile(
    r"(?<![\d.])(?P<iso>\d{4}-\d\d(?:-\d\d)?(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?)?)(?![\d])"
    rf"|\b(?P<named>(?:{_MONTHS})\.? {_DAY}(?:,? \d{{4}})?|{_DAY} (?:{_MONTHS})\.?(?: \d{{4}})?"
    rf"|(?:{_MONTHS})\.? \d{{4}})\b"
    r"|\b(?P<clock>\d{1,2}:\d\d(?::\d\d)?)\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(
    r"(?P<open>\()?(?P<sign>(?<![\w)])[-\u2212\u2013+])?\s?(?P<mark>[$€£¥])?\s?(?P<sign2>(?<=[$€£¥])[-\u2212])?"
    r"(?P<number>\d+(?:[., \u00a0\u202f'\u2019]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?(?!\d)|\.\d+)"
    r"(?P<exponent>[eE][+-]?\d{1,3}\b)?"
    r"(?:(?P<ordinal>st|nd|rd|th)\b|\s?(?P<percent>%|percent\b|per cent\b|percentage points?\b|pp\b)"
    r"|(?:-|\s)?(?P<magnitude>thousand|millions?|billions?|trillion|hundred|dozen|mn|mio|bn|tn|[kKmMbB])\b(?!\w)"
    r"|(?P<times>(?:x|\u00d7|-fold|fold| times)(?!\w)))?(?P<close>\))?",
)
_SINGLE_WORDS = "|".join(sorted((word for word in _WORDS if " " not in word), key=len, reverse=True))
_WORD = re.compile(
    rf"\b(?:(?:quarter|thirds?) of|(?P<ordinal>{'|'.join(_ORDINALS)})|(?P<word>{_SINGLE_WORDS})"
    r"(?:[- ](?P<unit>one|two|three|four|five|six|seven|eight|nine))?"
    r"(?:[- ](?P<magnitude>hundred|thousand|million|billion|dozen|times|percent|per cent|fold))?)\b",
    re.IGNORECASE,
)
_UNLIKE_NUMBERS = re.compile(
    r"\b(?:no (?:longer|doubt|matter)|no one|one of|one another|each one|this one|that one|the ones?|which one|"
    r"(?:first|last|second) (?:name|thought)|for one|at first|every single)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Written:
    """A number as written. `step` is the value of its last digit: 3.2 million has 0.1 million.

    `role`: plain, percent, multiple ("twice"), ordinal, date.
    """

    text: str
    span: tuple[int, int]
    value: Decimal
    step: Decimal
    role: str
    others: tuple[Decimal, ...] = ()


def numbers_in(text: str) -> list[Written]:
    """All numbers of the text from left to right. A date counts as one, with its ISO or its spoken form as its text."""
    found: list[Written] = []
    taken: list[tuple[int, int]] = [match.span() for match in _UNLIKE_NUMBERS.finditer(text)]
    for reader in (_dates, _digits, _words):
        for written in reader(text):
            start, end = written.span
            if all(end <= left or right <= start for left, right in taken):
                found.append(written)
                taken.append(written.span)
    return sorted(found, key=lambda one: one.span)


def _dates(text: str) -> Iterator[Written]:
    for match in _DATE.finditer(text):
        yield Written(match.group(), match.span(), Decimal(0), Decimal(0), "date")


def _digits(text: str) -> Iterator[Written]:
    for match in _DIGITS.finditer(text):
        readings = _values(match["number"])
        if match.start("number") and text[match.start("number") - 1].isalpha():
            continue  # a name with digits in it: "Q3", "A4", "ISO9001"
        scale = Decimal(10) ** int((match["exponent"] or "e0")[1:])
        if match["magnitude"]:
            scale *= 12 if match["magnitude"] == "dozen" else Decimal(10) ** _MAGNITUDES[match["magnitude"].lower()]
        is_negative = bool(match["sign"] and match["sign"] != "+") or bool(match["sign2"])
        is_negative = is_negative or bool(match["open"] and match["close"] and match["mark"])
        sign = -1 if is_negative else 1
        values = [(sign * value * scale, step * scale) for value, step in readings]
        role = (
            "percent"
            if match["percent"]
            else "ordinal"
            if match["ordinal"]
            else "multiple"
            if match["times"]
            else "plain"
        )
        start = (
            match.start("sign") if match["sign"] else match.start("mark") if match["mark"] else match.start("number")
        )
        end = match.end() - len(match["close"] or "")
        yield Written(text[start:end], (start, end), *values[0], role, tuple(value for value, _ in values[1:]))


def _values(number: str) -> list[tuple[Decimal, Decimal]]:
    """What the digits may mean: 1,234.5 and 1.234,5 are plain; 1.234 and 1,234 alone are read both ways."""
    plain = re.sub(r"[ \u00a0\u202f'\u2019]", "", number)
    points, commas = plain.count("."), plain.count(",")
    if points and commas:
        decimal = max(".,", key=plain.rindex)
        plain = plain.replace("," if decimal == "." else ".", "").replace(decimal, ".")
        return [_measured(plain)]
    mark = "." if points else ","
    if points + commas > 1:
        return [_measured(plain.replace(mark, ""))]
    if points + commas == 1 and len(plain.rpartition(mark)[2]) == 3 and not plain.startswith(("0", mark)):
        both = [_measured(plain.replace(mark, "")), _measured(plain.replace(mark, "."))]
        return both if mark == "," else both[::-1]
    return [_measured(plain.replace(mark, "."))]


def _measured(plain: str) -> tuple[Decimal, Decimal]:
    value = Decimal(plain)
    exponent = value.as_tuple().exponent
    return value, Decimal(1).scaleb(int(exponent))


def _words(text: str) -> Iterator[Written]:
    for match in _WORD.finditer(text):
        said = match.group().lower()
        if match["ordinal"]:
            yield Written(match.group(), match.span(), _ORDINALS[said], Decimal(1), "ordinal")
            continue
        word = (match["word"] or said).lower()
        value = _WORDS[word] if word in _WORDS else _WORDS[f"{said.split()[0].rstrip('s')} of"]
        value += _WORDS[match["unit"].lower()] if match["unit"] and value >= 20 else 0
        after = (match["magnitude"] or "").lower()
        if after in ("hundred", "thousand", "million", "billion"):
            value *= Decimal(10) ** _MAGNITUDES[after]
        elif after == "dozen":
            value *= 12
        is_multiple = said in _MULTIPLES or word in _MULTIPLES or after in ("times", "fold")
        role = "multiple" if is_multiple else "percent" if after.startswith("per") else "plain"
        step = Decimal("0.1") if role == "multiple" and value != int(value) else Decimal(1)
        yield Written(match.group(), match.span(), value, step, role)
