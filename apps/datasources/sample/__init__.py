"""A sample data source: the books of an invented trading company, the same on every machine (docs/sample.md)."""

from apps.datasources.sample.loaded import LoadedSample, NotTheSample
from apps.datasources.sample.postgres import load_postgres
from apps.datasources.sample.sqlite import write_sqlite

__all__ = ["LoadedSample", "NotTheSample", "load_postgres", "write_sqlite"]
