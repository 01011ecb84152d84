"""Stands in until the branch `registry` brings the clients of search services: take theirs."""

from dataclasses import dataclass

from apps.common.errors import AppError


class ResearchError(AppError):
    code = "web_research_failed"
    status = 502


@dataclass(frozen=True)
class WebPage:
    title: str
    url: str
    text: str


def is_available() -> bool:
    return False


def search(query: str, *, seconds: float, most: int = 5) -> tuple[WebPage, ...]:
    return ()
