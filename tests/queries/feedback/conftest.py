"""The small source of the verified queries' tests, and queries that were answered from it."""

from tests.queries.verified.conftest import api, dana, sample_file, shop, verify

__all__ = ["api", "dana", "sample_file", "shop", "verify"]
