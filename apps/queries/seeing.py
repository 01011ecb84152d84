"""Which queries a person may see, and what of them: judged anew at each reading, as policies stand then.

One's own are always listed. Of others' queries those are seen whose SQL read only what this person sees too, under no
wider policy than theirs. Where a policy became tighter since, one's own question stays and what it brought is withheld.
"""

from typing import Any

from django.db.models import BooleanField, Case, Prefetch, Q, QuerySet, Value, When

from apps.accounts.permissions import REVIEW
from apps.accounts.principal import Principal
from apps.clarification.models import Rule, RuleState
from apps.datasources.access import Access
from apps.datasources.footprints import limits_of
from apps.datasources.policies.services import access_under, deciding_policies
from apps.knowledge.models import VerifiedQuery
from apps.queries.models import Evaluation, EvaluationCase, Feedback, Query, Run

WITHHELD = "withheld"
WITHHELD_MESSAGE = "What you may read of this data source has changed since; ask again to see what you may see now."


def visible_queries(principal: Principal) -> Any:
    """The queries that this person may see, each with `is_covered` and `is_of_same_policy` for `withheld`."""
    accesses = _restricted_accesses(principal)
    rows = Query.objects.for_org(principal.organization).annotate(
        is_of_same_policy=_flag(_same_policy(accesses, "data_source", "last_run__")),
        is_covered=_flag(_covered(accesses, "data_source", "last_run__")),
    )
    mine = Feedback.objects.for_org(principal.organization).filter(person=principal.user)
    rows = rows.prefetch_related(Prefetch("feedback", mine, to_attr="own_feedback"))
    return rows.filter(Q(user=principal.user) | Q(is_covered=True))


def visible_runs(principal: Principal, query: Query) -> "QuerySet[Run]":
    """The runs of a visible query whose steps this person may see."""
    accesses = _restricted_accesses(principal)
    rows: QuerySet[Run] = Run.objects.for_org(principal.organization).filter(query=query)
    return rows.filter(_same_policy(accesses, "query__data_source", ""))


def visible_verified_queries(principal: Principal) -> Any:
    """The verified queries whose SQL reads nothing that this person may not see.

    They hold no rows, so that a row filter or a mask hides only those that name values.
    """
    return VerifiedQuery.objects.for_org(principal.organization).filter(_seen(principal))


def visible_rules(principal: Principal) -> Any:
    """One's own rules, the organization's, and for who reviews them what is proposed, none whose meaning stands on what
    this person may not see.
    """
    whose = Q(person=principal.user) | Q(person=None)
    if principal.may(*REVIEW):
        whose |= Q(state=RuleState.PROPOSED)
    return Rule.objects.for_org(principal.organization).filter(_seen(principal), whose)


def visible_feedback(principal: Principal) -> Any:
    """Feedback on queries whose results this person may see, each with `shows_correction`: a correction is shown to
    who may see the verified query that it proposed.
    """
    queries = visible_queries(principal).filter(is_covered=True)
    verified = visible_verified_queries(principal)
    rows = Feedback.objects.for_org(principal.organization).filter(query__in=queries.values("pk"))
    shown = Q(person=principal.user) | Q(verified_query__in=verified.values("pk"))
    return rows.annotate(shows_correction=_flag(shown))


def visible_cases(principal: Principal, evaluation: Evaluation) -> "QuerySet[EvaluationCase]":
    """The cases of an evaluation whose SQL, known and proposed, reads nothing that this person may not see."""
    covered = _covered(_restricted_accesses(principal), "evaluation__data_source", "")
    rows: QuerySet[EvaluationCase] = EvaluationCase.objects.for_org(principal.organization)
    return rows.filter(covered, evaluation=evaluation)


def _seen(principal: Principal) -> Q:
    """What was kept of SQL that reads nothing hidden from this person, and names no value that may be."""
    accesses = _restricted_accesses(principal)
    seen = _covered(accesses, "data_source", "")
    for pk, access in accesses.items():
        seen |= Q(data_source=pk, names_values=False, reads__contained_by=_visible_columns(access))
    return seen


def withheld(query: Query) -> Query:
    """The query without what its reader may not see; it is for showing, and must not be saved."""
    row: Any = query
    if row.is_of_same_policy:
        return query
    if not row.is_covered:
        if query.last_run_id is not None and not query.state.is_waiting:
            query.error_code, query.error_message = WITHHELD, WITHHELD_MESSAGE
        query.last_run, query.clarification, query.answer = None, None, ""
    elif query.last_run is not None:  # steps tell of readings that were only thought of
        query.last_run.suggestions = []
        run: Any = query.last_run
        run._prefetched_objects_cache = {**getattr(run, "_prefetched_objects_cache", {}), "steps": run.steps.none()}
    return query


def _restricted_accesses(principal: Principal) -> dict[Any, Access]:
    """What the person may read of each source that they may not read whole."""
    member = principal.membership
    deciding = deciding_policies(member)
    return {source: access_under(one, member, one.stored.data_source) for source, one in deciding.items()}


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _same_policy(accesses: dict[Any, Access], source: str, run: str) -> Q:
    """Runs under the very policy that the person has now, and all runs on sources that they read whole."""
    same = ~Q(**{f"{source}__in": list(accesses)})
    for pk, access in accesses.items():
        same |= Q(**{source: pk, f"{run}policy": access.policy})
    return same


def _covered(accesses: dict[Any, Access], source: str, run: str) -> Q:
    """Runs that brought nothing but what the person sees too."""
    covered = _same_policy(accesses, source, run)
    for pk, access in accesses.items():
        covered |= Q(**{source: pk}) & _within(access, run)
    return covered


def _within(access: Access, run: str) -> Q:
    """Every column read is visible; where the person sees not all rows or not the value, no more was seen then."""
    within = Q(**{f"{run}reads__contained_by": _visible_columns(access)})
    for table, limits in limits_of(access).items():
        for what, digest in limits.items():
            read = Q(**{f"{run}reads__has_key": table})
            if what.startswith("column:"):
                read = Q(**{f"{run}reads__contains": {table: [what.removeprefix("column:")]}})
            within &= ~read | Q(**{f"{run}limits__contains": {table: [digest]}})
    return within


def _visible_columns(access: Access) -> dict[str, list[str]]:
    return {table.full_name: [column.name for column in table.columns] for table in access.schema}
