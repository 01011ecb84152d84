"""Honest prose: of what a model writes, only sentences whose numbers code can find are kept. No Django here."""

from apps.queries.prose.checking import check, honest
from apps.queries.prose.facts import Facts
from apps.queries.prose.findings import Checked, HonestText, NumberFound, RankClaim, Support
from apps.queries.prose.templates import filled_template, with_numbers_of

__all__ = [
    "Checked",
    "Facts",
    "HonestText",
    "NumberFound",
    "RankClaim",
    "Support",
    "check",
    "filled_template",
    "honest",
    "with_numbers_of",
]
