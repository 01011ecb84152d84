"""Evaluations of an organization's verified queries: kept, run by workers, compared, required before a change.

What is measured, and how, is `apps.queries.evaluation`, the same for folders of benchmark questions.
"""
