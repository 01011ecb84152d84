"""Why a person sees a table, a column or a row of a data source, for an administrator."""

from typing import Any

from apps.accounts.models import Membership
from apps.datasources.models import DataSource
from apps.datasources.policies.deciding import ColumnDecision, TableDecision
from apps.datasources.policies.rules import Policy
from apps.datasources.policies.services import Deciding, deciding_policies, decisions_for, values_of
from apps.datasources.schema import Schema
from apps.datasources.stored_schema import load_schema


def explain_access(membership: Membership, source: DataSource) -> dict[str, Any]:
    """For each table of the source: visible or not, its columns, its rows, and the reason for each."""
    deciding = deciding_policies(membership, [source]).get(source.pk)
    decisions = decisions_for(deciding, membership, source)
    return {
        "member": membership.user.email,
        "role": membership.role,
        "is_active": membership.is_active,
        "data_source": source.name,
        "policy": _policy_json(deciding, membership),
        "tables": [_table_json(one, deciding.policy if deciding else Policy(), membership) for one in decisions],
        "stale": _stale(deciding.policy, load_schema(source)) if deciding else [],
    }


def _policy_json(deciding: Deciding | None, membership: Membership) -> dict[str, Any] | None:
    if deciding is None:
        return None
    stored = deciding.stored
    if stored.membership_id is not None:
        why = "It is this member's own."
    elif deciding.inherited:
        why = f"It is the policy of the role {stored.role}, which {membership.role} inherits."
    else:
        why = f"It is the policy of the role {stored.role}."
    return {"id": str(stored.pk), "role": stored.role or None, "inherited": deciding.inherited, "why": why}


def _table_json(decision: TableDecision, policy: Policy, membership: Membership) -> dict[str, Any]:
    rule = policy.rule(decision.table.full_name)
    condition = rule[1].condition if rule and decision.is_visible else ""
    restriction = decision.restriction
    named = dict(restriction.values) if restriction else {}
    known = values_of(membership)
    columns = decision.columns or tuple(
        ColumnDecision(column, False, "Its table is hidden.") for column in decision.table.columns
    )
    return {
        "name": decision.table.full_name,
        "visible": decision.is_visible,
        "why": decision.why,
        "columns": [_column_json(one) for one in columns],
        "rows": {
            "filter": condition or None,
            "values": {name: known[name] for name in named},
            "visible": decision.is_visible and not (restriction is not None and restriction.shows_no_rows),
            "why": decision.why_rows if decision.is_visible else "Its table is hidden.",
        },
    }


def _column_json(decision: ColumnDecision) -> dict[str, Any]:
    state = "hidden" if not decision.is_visible else "masked" if decision.mask else "visible"
    mask = decision.mask.kind.value if decision.mask else None
    return {"name": decision.column.name, "state": state, "mask": mask, "why": decision.why}


def _stale(policy: Policy, schema: Schema) -> list[str]:
    """Names in the policy that the source has no more: in an exception they hide nothing."""
    known = {table.full_name.lower(): table for table in schema}
    gone = [name for name in policy.tables.names if name.lower() not in known]
    for rule in policy.rules:
        table = known.get(rule.table.lower())
        names = [*rule.columns.names, *(name for name, _ in rule.masks)]
        if table is None:
            gone.append(rule.table)
        else:
            gone += [f"{rule.table}.{name}" for name in names if table.column(name) is None]
    return sorted(set(gone))
