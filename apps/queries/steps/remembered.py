"""What was learned that bears on a question: rules of the person and the organization, and verified queries."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from apps.accounts.principal import Principal
from apps.accounts.quotas import Payer
from apps.clarification.readings import KnownRule
from apps.clarification.rules import MOST_RULES, known_rules
from apps.datasources.access import Access
from apps.datasources.models import DataSource
from apps.knowledge.likeness import Example, likenesses
from apps.knowledge.meaning import alike_for
from apps.knowledge.reuse import Known, Reuse, known_of
from apps.queries.context import Context
from apps.queries.engines.builtin import leans_on_history
from apps.queries.engines.model.hiding import without_values
from apps.queries.seeing import visible_rules, visible_verified_queries


@dataclass(frozen=True)
class Remembered:
    """The rules that hold here, a verified query that answers the question, and examples that are like it."""

    rules: tuple[KnownRule, ...] = ()
    reuse: Reuse | None = None
    examples: tuple[Example, ...] = ()

    def told(self) -> dict[str, Any]:
        """For the record of the step that looked for it."""
        verified = self.reuse and self.reuse.verified_id
        return {"rules": len(self.rules), "examples": len(self.examples), "verified_query": verified}


def remembered(
    context: Context, *, principal: Principal, source: DataSource, access: Access, has_waited: bool, in_request: bool
) -> Remembered:
    """What bears on the question of who asks, none of it telling what they may not see; a question that has waited is
    answered as it was understood then. No model is asked within a request.
    """
    rules = visible_rules(principal).in_force_for(principal.user).filter(data_source=source)
    held = known_rules(rules.select_related("reviewer").order_by("id")[:MOST_RULES])
    known = Known() if has_waited else _known(context, principal, source, access, in_request=in_request)
    return Remembered(held, known.reuse, known.examples)


def _known(context: Context, principal: Principal, source: DataSource, access: Access, *, in_request: bool) -> Known:
    """What verified queries say of the question; nothing of one that leans on what came before it."""
    if context.history and leans_on_history(context):
        return Known()
    verified = visible_verified_queries(principal).approved().filter(data_source=source)
    payer = Payer(principal.organization, principal.user, principal.api_key)
    alike = likenesses if in_request else alike_for(payer, partial(without_values, context))
    return known_of(context.question, verified, access, context.values, alike)
