"""What a model may say about a chart: names only. The data are filled in by code, whatever it says."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict

from apps.clarification.previews import DIRECTIONS
from apps.queries.charts.columns import ChartColumn, label_of

MOST_TITLE_CHARACTERS = 140
_MARKUP = re.compile(r"<[^>]*>|https?:|www\.|javascript:|\]\(|`|\*\*|\{\{", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d,.]*")
_COUNTED = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion|twice|"
    r"half|double|triple)s?\b",
    re.IGNORECASE,
)


def _one_line(value: object) -> str:
    return " ".join(value.split())[:300] if isinstance(value, str) else ""


Words = Annotated[str, BeforeValidator(_one_line)]


Sort = Literal["value", "label", "none", ""]


def _sort(value: object) -> str:
    """What is no way to sort is left to the rules."""
    return value if isinstance(value, str) and value in get_args(Sort) else ""


class ChartProposal(BaseModel):
    """A chart as a model proposes it; columns by their names, in any case. What is missing is chosen by rules."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: Words = ""
    x: Words = ""
    y: Words = ""
    series: Words = ""
    title: Words = ""
    sort: Annotated[Sort, BeforeValidator(_sort)] = ""


def column_named(name: str, columns: Iterable[ChartColumn]) -> ChartColumn | None:
    """The column that the model means: its exact name first, then whatever the case and the separators."""
    candidates = list(columns)
    exact = next((one for one in candidates if one.name == name), None)
    if exact is not None or not name:
        return exact
    alike = [one for one in candidates if _bare(one.name) == _bare(name)]
    return alike[0] if len(alike) == 1 else None


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def plain_title(text: str) -> str:
    """One bounded line of printable text, without marks that turn its direction."""
    line = " ".join(text.translate(DIRECTIONS).split())
    line = "".join(character for character in line if character.isprintable()).strip(" \N{REPLACEMENT CHARACTER}")
    return line if len(line) <= MOST_TITLE_CHARACTERS else line[: MOST_TITLE_CHARACTERS - 1].rstrip() + "…"


def why_not_titled(title: str, question: str, columns: Iterable[ChartColumn]) -> str | None:
    """Why a model's title cannot stand; None where it can.

    Its numbers must be the question's or stand in a column of labels or times: a title states no results.
    """
    if _MARKUP.search(title):
        return "the proposed title holds markup"
    said = {_value(number) for number in _NUMBER.findall(question)}
    words = {word.lower() for word in _COUNTED.findall(question)}
    numbers = [number for number in map(_value, _NUMBER.findall(title)) if number not in said]
    if any(word.lower() not in words for word in _COUNTED.findall(title)):
        return "the proposed title counts what the question does not"
    if numbers and not set(numbers) <= _numbers_of_labels(columns):
        return "the proposed title holds a number that is not in the rows"
    return None


def _value(number: str) -> str:
    return number.rstrip(".,").replace(",", "")


def _numbers_of_labels(columns: Iterable[ChartColumn]) -> set[str]:
    """Numbers inside labels and times ("2024" of 2024-05-01); measures are left to the marks."""
    labels = (label_of(value) for one in columns if not one.numbers for value in one.values)
    names = (one.name for one in columns)
    return {_value(number) for text in (*labels, *names) for number in re.findall(r"\d+(?:[.,]\d+)*", text)}
