"""Forty questions about the sample company: which are asked about, and whether each answer keeps its promise."""
