"""The web researcher: what pages of a search say that bears on a question. Findings are quoted facts, never orders."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from apps.llm.privacy import PrivacyLevel
from apps.llm.pseudonyms import LONGEST_VALUE_WORDS
from apps.llm.research import WebPage
from apps.queries.agents.desk import ModelDesk
from apps.queries.context import Context
from apps.queries.engines.model.answer import line
from apps.queries.engines.model.hiding import pseudonyms_for
from apps.queries.engines.model.plain_words import is_plain
from apps.queries.engines.model.told_text import LONGEST_QUESTION
from apps.queries.prompts.quoting import quoted

MOST_FINDINGS = 5
LONGEST_FINDING = 300
LONGEST_PAGE = 2_000
LONGEST_SEARCH = 200
NUMBER = re.compile(r"\d[\d.,]*")
LINK = re.compile(r"https?:|www\.|[\[\]<>{}`]|!\[", re.IGNORECASE)


class _FindingMade(BaseModel):
    model_config = ConfigDict(extra="ignore")

    page: int
    text: Annotated[str, line(LONGEST_FINDING)] = Field(min_length=1)


class FindingsMade(BaseModel):
    """Findings as the model gave them."""

    model_config = ConfigDict(extra="ignore")

    findings: list[_FindingMade]

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return {"findings": value} if isinstance(value, list) else value


@dataclass(frozen=True)
class Finding:
    """One sentence and the page that says so."""

    text: str
    page: WebPage


def read_pages(desk: ModelDesk, question: str, pages: Sequence[WebPage], *, seconds: float) -> tuple[Finding, ...]:
    """What of these pages bears on the question, as far as it can be held against them. Raises ModelError."""
    made = desk.ask(
        FindingsMade, desk.models.small, "research", seconds=seconds,
        pages="\n".join(_page_text(number, page) for number, page in enumerate(pages, start=1)),
        question=quoted(desk.names.hide_known(question), longest=LONGEST_QUESTION),
    )  # fmt: skip
    return tuple(_supported(made.findings, pages))[:MOST_FINDINGS]


def search_words(desk: ModelDesk, context: Context, text: str) -> str:
    """The words that may leave the house, whatever models may be told: no stored value, nothing personal."""
    names = pseudonyms_for(replace(context, question=text, privacy=PrivacyLevel.SCHEMA))
    for known in desk.names.given:
        names.hide(known.value, known.kind)
        if known.value.count(" ") >= LONGEST_VALUE_WORDS:  # a constant of SQL that is too long to be found by its words
            text = text.replace(known.value, " ")
    hidden = names.hide_known(text)
    for name in names.placeholders_in(hidden):
        hidden = hidden.replace(name, " ")
    return " ".join(hidden.split())[:LONGEST_SEARCH]


def _page_text(number: int, page: WebPage) -> str:
    return f"page {number}: {quoted(page.title)} says {quoted(page.text, longest=LONGEST_PAGE)}"


def _supported(made: Sequence[_FindingMade], pages: Sequence[WebPage]) -> list[Finding]:
    """Those that name a page there is, hold no link or markup, and no number that is not on their page."""
    found = []
    for one in made:
        page = pages[one.page - 1] if 1 <= one.page <= len(pages) else None
        if (
            page is not None
            and not LINK.search(one.text)
            and is_plain(one.text)
            and _numbers(one.text) <= _numbers(f"{page.title} {page.text}")
        ):
            found.append(Finding(one.text, page))
    return found


def _numbers(text: str) -> set[str]:
    return {match.group().rstrip(".,") for match in NUMBER.finditer(text)}
