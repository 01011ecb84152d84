"""Which policy decides for a person, what it lets them see, and how policies are changed."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from apps.accounts.attributes import BUILT_IN
from apps.accounts.audit import record_audit
from apps.accounts.models import Membership, Organization, Role
from apps.accounts.principal import Principal
from apps.common.errors import InvalidInput
from apps.common.identity import Unkeyed
from apps.datasources.access import Access, Value
from apps.datasources.guard.errors import UnsafeSql
from apps.datasources.guard.row_filters import value_names
from apps.datasources.models import AccessPolicy, DataSource
from apps.datasources.policies.checking import checked_policy
from apps.datasources.policies.deciding import TableDecision, access_of_decisions, decide
from apps.datasources.policies.rules import Policy, policy_of
from apps.datasources.stored_schema import load_schema

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Deciding:
    """The stored policy that decides for a person; `inherited` where it is that of a role above theirs."""

    stored: AccessPolicy
    inherited: bool

    @property
    def policy(self) -> Policy:
        return policy_of(self.stored.tables, self.stored.rules)


def save_policy(
    *, principal: Principal, source: DataSource, stored: AccessPolicy, tables: Any, rules: Any
) -> AccessPolicy:
    """Check a new or changed policy and save it; it holds from the next statement on.

    Raises: InvalidInput naming the field.
    """
    known = known_values(source.organization)
    checked = checked_policy(policy_of(tables, rules), load_schema(source), known_values=known).to_json()
    stored.tables, stored.rules = checked["tables"], checked["rules"]
    try:
        with transaction.atomic():
            stored.save()
            record_audit("policy.changed", principal=principal, target=stored, **_told(stored))
    except IntegrityError as error:
        field = "role" if stored.role else "member"
        message = f"There is a policy for this {field} already."
        raise InvalidInput(message, details={field: [message]}) from error
    log.info("policy_changed", data_source=source.name, policy=str(stored.pk))
    return stored


def delete_policy(*, principal: Principal, stored: AccessPolicy) -> None:
    """Remove a policy: whom it decided for is decided for by the next one, or sees everything."""
    with transaction.atomic():
        told = _told(stored)
        record_audit("policy.deleted", principal=principal, target=stored, **told)
        stored.delete()


def _told(stored: AccessPolicy) -> dict[str, Any]:
    return {
        "data_source": str(stored.data_source_id),
        "role": stored.role,
        "member": stored.membership_id and str(stored.membership_id),
        "tables": stored.tables,
        "rules": stored.rules,
    }


def known_values(organization: Organization) -> set[str]:
    """Every name that a row filter may take a value by: what some active member has."""
    rows = Membership.objects.for_org(organization).filter(is_active=True).values_list("attributes", flat=True)
    return {name for attributes in rows for name in attributes}.union(BUILT_IN)


def values_of(membership: Membership) -> dict[str, Value]:
    """The person's values by name. Nothing of it passes through a model."""
    attributes = {
        name: tuple(value) if isinstance(value, list) else value for name, value in membership.attributes.items()
    }
    built_in = {"email": membership.user.email, "role": membership.role, "user_id": str(membership.user_id)}
    return {**attributes, **built_in}


def deciding_policies(membership: Membership, sources: Iterable[DataSource] | None = None) -> dict[Any, Deciding]:
    """The policy that decides for this person, by the id of its source, in one read; of all sources if none is named.

    A source without such a policy may be read whole.
    """
    rows = AccessPolicy.objects.for_org(membership.organization).select_related("data_source__organization")
    if sources is not None:
        rows = rows.filter(data_source__in=list(sources))
    rows = rows.filter(membership=None) | rows.filter(membership=membership)
    best: dict[Any, tuple[int, AccessPolicy]] = {}
    for stored in rows:
        distance = _distance(stored, membership)
        if distance is not None and (stored.data_source_id not in best or distance < best[stored.data_source_id][0]):
            best[stored.data_source_id] = (distance, stored)
    return {source: Deciding(stored, distance > 0) for source, (distance, stored) in best.items()}


def _distance(stored: AccessPolicy, membership: Membership) -> int | None:
    """How far a policy is from the person: -1 for their own, then roles upwards; None where it is not for them."""
    if stored.membership_id is not None:
        return -1
    order = list(Role)
    steps = order.index(Role(membership.role)) - order.index(Role(stored.role))
    return steps if steps >= 0 else None


def access_under_policy(membership: Membership, source: DataSource) -> Access:
    """What this person may read of this source, as the policies stand at this moment."""
    deciding = deciding_policies(membership, [source]).get(source.pk)
    return access_under(deciding, membership, source)


def access_under(deciding: Deciding | None, membership: Membership, source: DataSource) -> Access:
    """The access that this policy gives the person; without a policy they may read everything."""
    if deciding is None:
        return Access(schema=load_schema(source))
    values = _used_values(deciding.policy, source.kind, values_of(membership))
    digest = digest_of(deciding.policy, values)
    work = Unkeyed(partial(_decided, deciding.policy, source, values, digest))
    return _cached_access(source.pk, source.schema_version, source.synced_at, digest, work)


def _decided(policy: Policy, source: DataSource, values: Mapping[str, Value], digest: str) -> Access:
    schema = load_schema(source)
    return access_of_decisions(decide(policy, schema, values, salt=salt_of(source)), schema, policy=digest)


@lru_cache(maxsize=128)
def _cached_access(
    source: object, version: str, synced_at: object, digest: str, work: Unkeyed[Callable[[], Access]]
) -> Access:
    return work.value()


def decisions_for(deciding: Deciding | None, membership: Membership, source: DataSource) -> tuple[TableDecision, ...]:
    """What is seen of each table, and why."""
    policy = deciding.policy if deciding else Policy()
    return decide(policy, load_schema(source), values_of(membership), salt=salt_of(source))


def digest_of(policy: Policy, values: Mapping[str, Value]) -> str:
    """Equal for equal rules with equal values: two people, or one person at two times, who see the same."""
    text = json.dumps([policy.to_json(), sorted(values.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def salt_of(source: DataSource) -> str:
    """Goes into masks that hash, so that nobody who sees a hash can try out what it may be of."""
    return hmac.new(settings.SECRET_KEY.encode(), f"mask of {source.pk}".encode(), "sha256").hexdigest()


def _used_values(policy: Policy, dialect: str, values: Mapping[str, Value]) -> dict[str, Value]:
    names = {name for rule in policy.rules if rule.condition for name in _names(rule.condition, dialect)}
    return {name: value for name, value in values.items() if name in names}


@lru_cache(maxsize=1_024)
def _names(condition: str, dialect: str) -> tuple[str, ...]:
    try:
        return value_names(condition, dialect)
    except UnsafeSql:  # saved by an earlier version of the guard: the decision on its table says so
        return ()
