"""Proves that a statement only reads, and only what this person may read. Pure Python, no Django."""

from apps.datasources.guard.check import DEFAULT_ROW_LIMIT, check_sql
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.safe_sql import SafeSql

__all__ = ["DEFAULT_ROW_LIMIT", "Refusal", "SafeSql", "UnsafeSql", "check_sql"]
