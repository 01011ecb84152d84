"""Looking things up on the web, through a search service that the operator named; off unless one is.

Only what the service says of pages is used. No page is ever fetched: an address out of a search is a stranger's, and
whoever follows it from inside a network can be led anywhere in it.
"""

from apps.llm.research.errors import ResearchError
from apps.llm.research.pages import WebPage
from apps.llm.research.services import is_available, search

__all__ = ["ResearchError", "WebPage", "is_available", "search"]
