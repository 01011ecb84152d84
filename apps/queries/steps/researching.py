"""The step that reads the web, where the person asked for it and the installation has a search service.

What the web says is untrusted: it never reaches the agents that write SQL or speak of the rows. Its findings stand
beside the answer, each with the page that it is from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from apps.common.connections import release_connection
from apps.common.errors import AppError
from apps.llm.errors import ModelError
from apps.llm.research import WebPage, search
from apps.queries.agents.planner import Agent
from apps.queries.agents.researcher import Finding, read_pages, search_words
from apps.queries.finding import Found
from apps.queries.models import Stage
from apps.queries.step_kinds import StepNote, journey_step

log = structlog.get_logger(__name__)
MOST_PAGES = 5


@dataclass(frozen=True)
class Research:
    """What was searched for and found; `problem` says why there is nothing."""

    searched: str
    pages: tuple[WebPage, ...] = ()
    findings: tuple[Finding, ...] = ()
    problem: str = ""

    def sentences(self) -> str:
        """The findings for the answer, each with its host: "" where there are none."""
        said = " ".join(f"{one.text.rstrip('.')} ({urlsplit(one.page.url).hostname})." for one in self.findings)
        return f"From the web, not from your data: {said}" if said else ""


def _note(research: Research) -> StepNote:
    detail: dict[str, Any] = {
        "searched": research.searched,
        "pages": [{"title": page.title, "url": page.url} for page in research.pages],
        "findings": [{"text": one.text, "url": one.page.url} for one in research.findings],
        "problem": research.problem or None,
    }
    if research.problem:
        return StepNote(f"Read nothing on the web: {research.problem}", detail)
    return StepNote(f"Searched the web: {len(research.pages)} page(s), {len(research.findings)} finding(s).", detail)


@journey_step(Stage.EXPLAINING, agent="web_research", kind="web_research", note=_note)
def research_web(found: Found) -> Research:
    """Search with the planner's words, else the question's, and read what came; a failure costs only the findings."""
    question = found.context.reading_context.question
    desk = found.plan.desk
    if desk is None or not desk.asks("web_research"):
        return Research("", problem="No model is there to read pages.")
    words = search_words(desk, found.plan.task_of(Agent.WEB_RESEARCH) or question)
    if not words:
        return Research(words, problem="Nothing of the question may be searched for outside.")
    release_connection()
    pages: Sequence[WebPage] = ()
    try:
        pages = search(words, seconds=settings.PARLEY.web_research_seconds, most=MOST_PAGES)
        findings = read_pages(desk, question, pages, seconds=settings.PARLEY.model_agent_seconds) if pages else ()
    except (AppError, ModelError) as error:
        log.warning("web_research_failed", code=error.error_code)
        return Research(words, tuple(pages), problem=error.message)
    return Research(words, tuple(pages), findings)
