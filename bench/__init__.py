"""Benchmarks: each is a ratio against something measured in the same run, so that a slower machine changes nothing."""
