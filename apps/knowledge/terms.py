"""Writes on the glossary, and the terms that bear on one person's question."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.accounts.audit import record_audit
from apps.accounts.principal import Principal
from apps.common.errors import InvalidInput
from apps.datasources.access import Access
from apps.datasources.models import DataSource
from apps.knowledge.glossary import Term
from apps.knowledge.models import GlossaryTerm

MOST_TERMS = 1_000


def create_term(*, principal: Principal, data_source: DataSource | None, **fields: Any) -> GlossaryTerm:
    """Add a term. Raises InvalidInput where the organization has it for this source, or its meaning is incomplete."""
    made = GlossaryTerm(organization=principal.organization, data_source=data_source, author=principal.user, **fields)
    with transaction.atomic():
        _save(made)
        record_audit("glossary.created", principal=principal, target=made, term=made.term)
    return made


def update_term(stored: GlossaryTerm, *, principal: Principal, **fields: Any) -> GlossaryTerm:
    """Change what is given of a term. Raises InvalidInput as `create_term` does."""
    for name, value in fields.items():
        setattr(stored, name, value)
    with transaction.atomic():
        _save(stored)
        record_audit("glossary.changed", principal=principal, target=stored, term=stored.term, changed=sorted(fields))
    return stored


@transaction.atomic
def delete_term(stored: GlossaryTerm, *, principal: Principal) -> None:
    """Remove a term."""
    target = GlossaryTerm(pk=stored.pk)
    stored.delete()
    record_audit("glossary.deleted", principal=principal, target=target, term=stored.term)


def _save(term: GlossaryTerm) -> None:
    if (term.column and not term.table) or (term.value and not term.column):
        raise InvalidInput("A column needs its table, and a value its column.", details={"table": ["Incomplete."]})
    if term.table and term.data_source is None:
        raise InvalidInput("A table stands in a data source: name it.", details={"data_source": ["Missing."]})
    try:
        with transaction.atomic():
            term.save()
    except IntegrityError as error:
        raise InvalidInput("The glossary has this term.", details={"term": ["Already taken."]}) from error


def terms_for(source: DataSource, access: Access) -> tuple[Term, ...]:
    """The terms of a source, and those of all sources; none that means what this person may not see."""
    rows = GlossaryTerm.objects.for_org(source.organization).filter(Q(data_source=source) | Q(data_source=None))
    return tuple(
        Term((row.term, *row.synonyms), row.table, row.column, row.value, row.definition)
        for row in rows.order_by("data_source", "term")[:MOST_TERMS]
        if may_see_meaning(row, access)
    )


def may_see_meaning(term: GlossaryTerm, access: Access) -> bool:
    """Whether table and column exist for this person, and for a value, whether they see it as it is."""
    if not term.table:
        return True
    table = next((one for one in access.schema if one.full_name == term.table), None)
    if table is None or (term.column and table.column(term.column) is None):
        return False
    return not term.value or access.is_unrestricted or (term.table, term.column) in access.columns_shown_whole()
