"""What a search service says of a page, as short plain text: it is a stranger's, however it looks. No Django here."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx2

LONGEST_TITLE = 200
LONGEST_TEXT = 1_000
LONGEST_URL = 500
MOST_READ = 20_000  # characters of one text that are looked at
MOST_OF_A_HOST = 2
UNSEEN = frozenset({"-->", "script", "style", "template", "noscript", "iframe"})
# A tag, whole or broken off at the next one or at the end, or a comment's ends.
MARK = re.compile(r"<!--|-->|<(?:(?P<begin>[a-zA-Z][a-zA-Z0-9]*)|/(?P<end>[a-zA-Z][a-zA-Z0-9]*)|[!?/])[^<>]*>?")
SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class WebPage:
    """One result: plain text without tags, control or direction characters; `url` is http or https, in ASCII."""

    title: str
    url: str
    text: str


def pages_from(results: Iterable[tuple[Any, Any, Any]], *, most: int) -> tuple[WebPage, ...]:
    """Pages of (title, url, text), in order: each address once, few of a host, without those of no use."""
    pages: dict[str, WebPage] = {}
    hosts: list[str] = []
    for title, url, text in results:
        address = web_address(url)
        if address is None or str(address) in pages or hosts.count(address.host) >= MOST_OF_A_HOST:
            continue
        page = WebPage(plain_text(title, LONGEST_TITLE), str(address), plain_text(text, LONGEST_TEXT))
        if page.title or page.text:
            pages[page.url] = page
            hosts.append(address.host)
        if len(pages) == most:
            break
    return tuple(pages.values())


def web_address(url: Any) -> httpx2.URL | None:
    """An address that a person may be shown as a link; None for other schemes, credentials, or what is no address."""
    if not isinstance(url, str) or len(url) > LONGEST_URL or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        address = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        return None
    has_host = address.scheme in ("http", "https") and address.host
    is_plain = not address.userinfo and (address.port or 0) < 65_536 and str(address).isascii()
    return address if has_host and is_plain else None


def plain_text(text: Any, longest: int) -> str:
    """One line without tags, entities and characters that are not seen; empty for what is no text."""
    if not isinstance(text, str):
        return ""
    seen = _without_tags(_without_tags(text[:MOST_READ]))  # entities of the first round may spell tags
    visible = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in seen)
    line = SPACES.sub(" ", visible).strip()
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _without_tags(text: str) -> str:
    """The text between the tags. It looks at each character once: the standard library's parser takes seconds for
    20,000 unclosed tags.
    """
    parts: list[str] = []
    at, until = 0, ""  # `until` ends what is not seen: a tag's name, or a comment's end
    for mark in MARK.finditer(text):
        if until and (mark["end"] or "").lower() != until and mark.group() != until:
            continue
        if not until:
            parts.append(text[at : mark.start()])
            name = "-->" if mark.group() == "<!--" else (mark["begin"] or "").lower()
            until = name if name in UNSEEN else ""
        else:
            until = ""
        at = mark.end()
    return unescape(" ".join(parts) if until else " ".join([*parts, text[at:]]))
