"""SearXNG's and Tavily's search over HTTP: one exchange, bounded in time and size, no redirects. No Django here."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from apps.llm.deadlines import keep_deadlines, network_until
from apps.llm.research.errors import (
    ResearchBusy,
    ResearchRefused,
    ResearchTimeout,
    ResearchUnavailable,
    ResearchUnusable,
)
from apps.llm.research.pages import WebPage, pages_from, plain_text
from apps.llm.retrying import asked_pause

TAVILY_URL = "https://api.tavily.com"
LONGEST_QUERY = 400  # Tavily takes no more
LONGEST_ANSWER_BYTES = 1024 * 1024
CONNECT_SECONDS = 5
USED_UP = frozenset({432, 433})  # Tavily's words for a plan's limit


class SearchService(Protocol):
    """Something that finds pages."""

    def search(self, query: str, *, seconds: float, most: int) -> tuple[WebPage, ...]:
        """At most so many pages, within so many seconds. Raises ResearchError by its kind."""
        ...


@dataclass(frozen=True)
class Searxng:
    """A SearXNG whose `settings.yml` lists `json` among the formats. `key` is for a proxy before it that wants one."""

    url: str
    key: str = field(default="", repr=False)

    def search(self, query: str, *, seconds: float, most: int) -> tuple[WebPage, ...]:
        params = {"q": plain_text(query, LONGEST_QUERY), "format": "json"}
        return _pages(_fetched("GET", self.url, self.key, seconds, params=params), most)


@dataclass(frozen=True)
class Tavily:
    """Tavily's API, or what speaks it at another address."""

    key: str = field(repr=False)
    url: str = TAVILY_URL

    def search(self, query: str, *, seconds: float, most: int) -> tuple[WebPage, ...]:
        body = {
            "query": plain_text(query, LONGEST_QUERY), "max_results": most, "search_depth": "basic",
            "include_answer": False, "include_raw_content": False, "include_images": False,
        }  # fmt: skip
        return _pages(_fetched("POST", self.url, self.key, seconds, json=body), most)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    results: list[Any]


def _fetched(method: str, url: str, key: str, seconds: float, **content: Any) -> bytes:
    """The body of the service's answer. Raises ResearchError by its kind."""
    ends_at = time.monotonic() + seconds
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Parley"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    timeout = httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    try:
        with (
            network_until(ends_at),
            _client(timeout) as client,
            client.stream(method, f"{url.rstrip('/')}/search", headers=headers, **content) as response,
        ):
            _check(response)
            return _read(response.iter_raw(), ends_at)
    except httpx2.TimeoutException as error:
        raise ResearchTimeout("The search service did not answer in time.") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ResearchUnavailable("The search service cannot be reached.") from error


def _client(timeout: httpx2.Timeout) -> httpx2.Client:
    client = httpx2.Client(timeout=timeout, follow_redirects=False)
    keep_deadlines(client)
    return client


def _check(response: httpx2.Response) -> None:
    status = response.status_code
    if status == 429:
        pause = asked_pause(response.headers)
        raise ResearchBusy(
            "The search service takes no more searches for now.", retry_after_seconds=int(pause) if pause else None
        )
    if status in USED_UP:
        raise ResearchRefused("The plan at the search service is used up.")
    if status in (401, 403):
        raise ResearchRefused("The search service does not let us in, or gives no JSON.")
    if status >= 500:
        raise ResearchUnavailable("The search service has a fault.")
    if status != 200:
        raise ResearchRefused("The search service refuses the search.")
    if response.headers.get("content-encoding", "identity") != "identity":  # it could be much, once unpacked
        raise ResearchUnusable("The search service's answer is packed, which was not asked for.")


def _read(chunks: Iterator[bytes], ends_at: float) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > LONGEST_ANSWER_BYTES:
            raise ResearchUnusable("The search service's answer is too long.")
        if time.monotonic() > ends_at:
            raise ResearchTimeout("The search service did not answer in time.")
    return bytes(body)


def _pages(body: bytes, most: int) -> tuple[WebPage, ...]:
    try:
        results = _Answer.model_validate_json(body).results
    except ValidationError as error:
        raise ResearchUnusable("The search service did not answer with results.") from error
    found = [one for one in results if isinstance(one, dict)]
    return pages_from(((one.get("title"), one.get("url"), one.get("content")) for one in found), most=most)
