"""What must be shown before a change that alters answers is published: a passing, current evaluation of it.

An evaluation speaks for a change if it ran with the settings that the change would bring in force, on the schema as it
is, and put every verified query that stands approved, in the words and SQL that it has.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.accounts.audit import record_audit
from apps.accounts.models import Organization
from apps.accounts.principal import Principal
from apps.common.errors import AppError, Conflict
from apps.datasources.models import DataSource
from apps.datasources.services import access_of
from apps.knowledge.models import VerifiedQuery
from apps.knowledge.verified_queries import approve_verified_query
from apps.queries.evaluations.models import Evaluation, EvaluationCase, EvaluationRequirement, EvaluationStatus
from apps.queries.evaluations.settings import EvaluationSettings, settings_in_force, settings_of

LOOKED_AT = 50  # evaluations of a source, the newest first
UNRESTRICTED = ""


class EvaluationNeeded(Conflict):
    """The source requires an evaluation that there is not. `code` is evaluation_missing, _stale or _failed."""

    code = "evaluation_missing"


def require_evaluation(
    source: DataSource, settings: EvaluationSettings, *, by: Principal | None, including: Sequence[VerifiedQuery] = ()
) -> None:
    """Let a change pass if its source requires nothing, or the newest evaluation that speaks for it passed.

    `by` is who makes the change: what others evaluated counts where they read the source whole, or under the same
    policy. `including` are verified queries that must have been put beside those that stand approved.

    Raises: EvaluationNeeded.
    """
    requirement = EvaluationRequirement.objects.for_org(source.organization).filter(data_source=source).first()
    if requirement is None:
        return
    done = Evaluation.objects.for_org(source.organization).filter(data_source=source, status=EvaluationStatus.DONE)
    alike = [one for one in done.order_by("-id")[:LOOKED_AT] if settings_of(one) == settings]
    if not alike:
        raise EvaluationNeeded(
            f"{source.name} requires an evaluation before this change, with: {settings.says()}. There is none yet.",
            details={"data_source": source.name, "settings": settings.says()},
        )
    current = next((one for one in alike if _is_current(one, source, by, including)), None)
    if current is None:
        raise EvaluationNeeded(
            f"Evaluation {alike[0].pk} of {source.name} is out of date: schema or verified queries are others now.",
            code="evaluation_stale", details={"data_source": source.name, "evaluation": str(alike[0].pk)},
        )  # fmt: skip
    if lacking := _lacking(requirement, current.summary):
        raise EvaluationNeeded(
            f"Evaluation {current.pk} of {source.name} does not suffice: {'; '.join(lacking)}.",
            code="evaluation_failed",
            details={"data_source": source.name, "evaluation": str(current.pk), "lacking": lacking},
        )


def _is_current(
    evaluation: Evaluation, source: DataSource, by: Principal | None, including: Sequence[VerifiedQuery]
) -> bool:
    """Whether it put all that it should have, on this schema, with rights that count."""
    if evaluation.schema_version != source.schema_version:
        return False
    approved = VerifiedQuery.objects.for_org(source.organization).approved().filter(data_source=source)
    wanted = {(one.pk, one.question, one.sql) for one in (*approved, *including)}
    policies = {UNRESTRICTED, access_of(by, source).policy} if by else {UNRESTRICTED}
    cases = EvaluationCase.objects.for_org(source.organization).filter(evaluation=evaluation, policy__in=policies)
    return wanted <= set(cases.values_list("verified_query", "question", "gold_sql"))


def _lacking(requirement: EvaluationRequirement, summary: Mapping[str, Any]) -> list[str]:
    """In words: each figure that is less than it must be."""
    wanted = (
        ("questions", summary.get("n"), requirement.least_questions),
        ("precision", summary.get("precision"), requirement.least_precision),
        ("EX", summary.get("ex"), requirement.least_ex),
    )
    return [
        f"{name} {'unknown' if found is None else f'{found:g}'}, required {least:g}"
        for name, found, least in wanted
        if least is not None and (found is None or found < least)
    ]


def check_organization_change(organization: Organization, changed: Mapping[str, Any], by: Principal | None) -> None:
    """Before settings of an organization change: each source whose answers they alter must allow it.

    Raises: EvaluationNeeded.
    """
    after = copy.copy(organization)
    for name, value in changed.items():
        setattr(after, name, value)
    for requirement in _requirements(organization).filter(data_source__is_active=True):
        _check_settings(requirement.data_source, organization, requirement.data_source, after, by)


def check_source_change(source: DataSource, changed: Mapping[str, Any], by: Principal | None) -> None:
    """The same before settings of one source change."""
    if not _requirements(source.organization).filter(data_source=source).exists():
        return
    after = copy.copy(source)
    for name, value in changed.items():
        setattr(after, name, value)
    before = DataSource.objects.for_org(source.organization).get(pk=source.pk)
    _check_settings(before, source.organization, after, source.organization, by)


def _requirements(organization: Organization) -> Any:
    rows = EvaluationRequirement.objects.for_org(organization)
    return rows.select_related("data_source__organization").order_by("data_source__name")


def _check_settings(
    before: DataSource, organization: Organization, after: DataSource, changed: Organization, by: Principal | None
) -> None:
    try:
        wanted = settings_in_force(changed, after)
        is_same = wanted == settings_in_force(organization, before)
    except AppError:  # the installation's engine lacks its model: nothing is answered, before or after
        return
    if not is_same:
        require_evaluation(before, wanted, by=by)


def approve_where_required(verified: VerifiedQuery, *, principal: Principal) -> VerifiedQuery:
    """Approve a verified query; where the source wants it, only after an evaluation that put it too.

    Raises: EvaluationNeeded, and what approving raises.
    """
    source = verified.data_source
    holds = _requirements(source.organization).filter(data_source=source, holds_for_approvals=True).exists()
    if holds:
        settings = settings_in_force(source.organization, source)
        require_evaluation(source, settings, by=principal, including=[verified])
    return approve_verified_query(verified, principal=principal)


@transaction.atomic
def set_requirement(*, principal: Principal, source: DataSource, **fields: Any) -> EvaluationRequirement:
    """Say what a source requires, in the stead of what it required."""
    requirement: EvaluationRequirement
    requirement, _ = EvaluationRequirement.objects.update_or_create(
        organization=principal.organization, data_source=source, defaults=fields
    )
    record_audit("evaluation_requirement.set", principal=principal, target=source, **fields)
    return requirement


@transaction.atomic
def remove_requirement(*, principal: Principal, source: DataSource) -> bool:
    """Require nothing any more; False if nothing was required."""
    removed, _ = EvaluationRequirement.objects.for_org(principal.organization).filter(data_source=source).delete()
    if removed:
        record_audit("evaluation_requirement.removed", principal=principal, target=source)
    return bool(removed)
