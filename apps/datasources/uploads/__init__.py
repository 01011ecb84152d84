"""Files that people bring: looked at, turned into a DuckDB file in a confined process, and kept as a data source."""
