"""Answers of models that stand in for the very same call made again: kept sealed, for one organization."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from apps.accounts.models import Organization
from apps.monitoring.caches import SealedCache

CACHE = SealedCache("model_answers")


@dataclass(frozen=True)
class OrganizationsAnswers:
    """An organization's answers of models, kept sealed for as long as the installation says. Implements KeptAnswers."""

    organization: Organization

    def get(self, call: Any) -> str | None:
        found = CACHE.get(self.organization, call) if settings.PARLEY.model_cache_seconds else None
        return None if found is None else str(found)

    def put(self, call: Any, text: str) -> None:
        CACHE.put(self.organization, call, text, seconds=settings.PARLEY.model_cache_seconds)
