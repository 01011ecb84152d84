"""Suggestions outside a journey: for an empty page, or for words that somebody is still looking for."""

import time

from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.datasources.services import access_of
from apps.knowledge.catalog import catalog_of
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.steps.understanding import context_of, threshold_in
from apps.queries.suggestions.candidates import first_questions, wordings
from apps.queries.suggestions.checking import Check, kept


def suggestions_for(principal: Principal, source: DataSource, question: str = "", *, seconds: float) -> list[str]:
    """Better wordings of a vague question; without one, or where nothing of it is known, good first questions.

    Nothing runs on the data source. Names are those that this person may see.
    """
    access = access_of(principal, source)
    month = principal.organization.fiscal_year_start_month
    context = context_of(question, source, access, fiscal_year_start_month=month)
    check = Check(access, threshold_in(principal.organization, source), time.monotonic() + seconds)
    found = kept(wordings(analyze(context)), context, check) if question else []
    return found or kept(first_questions(catalog_of(context.schema)), context, check)
