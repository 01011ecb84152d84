"""What may be lost at any moment and saves work as long as it is kept: in Redis, per organization, sealed, counted.

A key holds all that the value depends on, so that what changes drops what it touches: nothing is ever searched for and
deleted. Where Redis is away there is nothing kept, and nothing fails.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from apps.accounts.models import Organization
from apps.common.sealing import Unsealable, seal, unseal
from apps.monitoring.metrics import CACHE_LOOKUPS

log = structlog.get_logger(__name__)
MOST_CHARACTERS = 500_000  # of one value; larger ones are not kept


@dataclass(frozen=True)
class SealedCache:
    """Values of JSON by what they depend on. Rows and words of customers lie in Redis under our keys only."""

    name: str

    def get(self, organization: Organization, depends_on: Any) -> Any:
        """The value, or None; `depends_on` is a value of JSON."""
        key = self._key(organization, depends_on)
        found = None
        try:
            sealed = cache.get(key)
            if sealed is not None:
                found = json.loads(unseal(sealed, purpose=key))
        except (RedisError, Unsealable) as error:
            log.warning("cache_unusable", cache=self.name, error=type(error).__name__)
        CACHE_LOOKUPS.labels(self.name, "miss" if found is None else "hit").inc()
        return found

    def put(self, organization: Organization, depends_on: Any, value: Any, *, seconds: int) -> None:
        """Keep a value for so long; none that is larger than a cache should hold."""
        text = json.dumps(value, ensure_ascii=False)
        if len(text) > MOST_CHARACTERS or seconds <= 0:
            return
        key = self._key(organization, depends_on)
        try:
            cache.set(key, seal(text, purpose=key), timeout=seconds)
        except RedisError as error:
            log.warning("cache_unusable", cache=self.name, error=type(error).__name__)

    def _key(self, organization: Organization, depends_on: Any) -> str:
        text = json.dumps(depends_on, sort_keys=True, ensure_ascii=False)
        return f"{self.name}:{organization.pk}:{hashlib.sha256(text.encode()).hexdigest()}"
