"""The search service of this installation."""

import structlog
from django.conf import settings

from apps.llm.research.clients import TAVILY_URL, SearchService, Searxng, Tavily
from apps.llm.research.errors import ResearchOff
from apps.llm.research.pages import WebPage

log = structlog.get_logger(__name__)
MOST_PAGES = 5


def is_available() -> bool:
    """True if a search service is configured."""
    return bool(settings.PARLEY.web_research != "off")


def search(query: str, *, seconds: float | None = None, most: int = MOST_PAGES) -> tuple[WebPage, ...]:
    """Pages that the service finds for the words, best first, within WEB_RESEARCH_SECONDS, or `seconds` if fewer.

    The words leave the installation: they hold nothing that may not. No connection of ours should be held meanwhile.

    Raises: ResearchOff without a service; ResearchError by its kind.
    """
    longest: float = settings.PARLEY.web_research_seconds
    found = _service().search(query, seconds=longest if seconds is None else min(seconds, longest), most=most)
    log.info("web_searched", service=settings.PARLEY.web_research, pages=len(found))
    return found


def _service() -> SearchService:
    told = settings.PARLEY
    key = told.web_research_key.get_secret_value() if told.web_research_key else ""
    if told.web_research == "searxng" and told.web_research_url:  # the start refuses one without the other
        return Searxng(told.web_research_url, key)
    if told.web_research == "tavily":
        return Tavily(key, told.web_research_url or TAVILY_URL)
    raise ResearchOff("This installation does no web research.")
