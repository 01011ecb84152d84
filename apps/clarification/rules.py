"""Writes on rules: learn, write, propose, approve, reject, change, revoke. Nothing unreviewed holds for others."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.models import User
from apps.accounts.permissions import REVIEW
from apps.accounts.principal import Principal
from apps.clarification.models import Clarification, Rule, RuleState
from apps.clarification.readings import ChoiceField, KnownRule
from apps.clarification.rule_grounds import Grounds, grounds_of_words, widen
from apps.clarification.ruling import normalised
from apps.common.days import day_in_words
from apps.common.errors import AppError, Conflict
from apps.datasources.models import DataSource
from apps.datasources.services import access_of

log = structlog.get_logger(__name__)
MOST_RULES = 1_000
LONGEST_NAME = 300
LONGEST_MEANING = 1_000


class NotAllowed(AppError):
    """The rule is somebody else's to decide about."""

    code = "permission_denied"
    status = 403


@dataclass(frozen=True)
class Meaning:
    """What a person chose: at `phrase`, the meaning that `label` names."""

    field: ChoiceField
    phrase: str
    label: str
    meaning: str

    @property
    def can_be_kept(self) -> bool:
        """Whether it can mean anything in another question: words that were said, in a length that a row holds."""
        is_short = max(len(normalised(self.phrase)), len(self.label)) <= LONGEST_NAME
        return bool(normalised(self.phrase) and self.label and is_short)


@transaction.atomic
def remember_choice(
    chosen: Meaning, *, clarification: Clarification, source: DataSource, person: User, grounds: Grounds
) -> Rule | None:
    """Keep a choice as a rule for whoever made it, in the stead of the one that they had; None where nothing is new."""
    known = Rule.objects.for_org(source.organization).select_for_update(of=("self",)).exclude(state=RuleState.REVOKED)
    phrase = normalised(chosen.phrase)
    earlier: Rule | None = known.filter(
        data_source=source, person=person, field=chosen.field, phrase=phrase
    ).first()  # fmt: skip
    if earlier is not None and earlier.label == chosen.label:
        return None
    try:
        with transaction.atomic():
            if earlier is not None:
                _revoke(earlier, person)
            rule: Rule = Rule.objects.create(
                organization=source.organization, data_source=source, person=person, author=person, field=chosen.field,
                phrase=phrase, label=chosen.label, meaning=chosen.meaning[:LONGEST_MEANING],
                clarification=clarification, **vars(grounds),
            )  # fmt: skip
    except IntegrityError:  # another answer of the same person made it at this very moment
        log.info("rule_not_kept", clarification=str(clarification.pk))
        return None
    record_audit("rule.learned", organization=source.organization, actor=person, target=rule, **_told(rule))
    return rule


@transaction.atomic
def write_rule(*, principal: Principal, source: DataSource, chosen: Meaning) -> Rule:
    """Write down a rule for the whole organization. Raises Conflict if it has one for this point."""
    rule = Rule(
        organization=principal.organization, data_source=source, field=chosen.field, phrase=normalised(chosen.phrase),
        label=chosen.label, meaning=chosen.meaning, author=principal.user,
        **vars(grounds_of_words(access_of(principal, source), chosen.label, chosen.meaning)),
    )  # fmt: skip
    _approved_by(rule, principal)
    _save(rule)
    record_audit("rule.written", principal=principal, target=rule, **_told(rule))
    return rule


@transaction.atomic
def change_rule(rule: Rule, *, principal: Principal, **fields: str) -> Rule:
    """Change its words. A proposal is withdrawn by it: nobody approves what they have not read.

    Raises: NotAllowed, Conflict if it is revoked or another rule holds for the new point.
    """
    locked = _locked(rule)
    _require_say(locked, principal)
    _require(locked, RuleState.PERSONAL, RuleState.PROPOSED, RuleState.REJECTED, RuleState.APPROVED)
    if "phrase" in fields:
        fields["phrase"] = normalised(fields["phrase"])
    changed = {name: value for name, value in fields.items() if getattr(locked, name) != value}
    for name, value in changed.items():
        setattr(locked, name, value)
    if {"label", "meaning"} & set(changed):
        locked.clarification = None  # from here on it is what a person wrote
        widen(locked, grounds_of_words(access_of(principal, locked.data_source), locked.label, locked.meaning))
    if locked.is_of_organization:
        _approved_by(locked, principal)
    elif changed:
        locked.state = RuleState.PERSONAL
    _save(locked)
    record_audit("rule.changed", principal=principal, target=locked, changed=sorted(changed), **_told(locked))
    return locked


@transaction.atomic
def propose_rule(rule: Rule, *, principal: Principal) -> Rule:
    """Ask that one's own rule should hold for the organization. Raises NotAllowed, Conflict if it cannot be."""
    locked = _locked(rule)
    _require_say(locked, principal)
    _require(locked, RuleState.PERSONAL, RuleState.REJECTED)
    locked.state, locked.proposed_at = RuleState.PROPOSED, timezone.now()
    locked.save()
    record_audit("rule.proposed", principal=principal, target=locked, **_told(locked))
    return locked


@transaction.atomic
def approve_rule(rule: Rule, *, principal: Principal, seen: dict[str, str] | None = None) -> Rule:
    """Make a proposed rule the organization's; `seen` are words that the reviewer read and that must still stand.

    Raises: Conflict if it is not proposed any more, was changed, or the organization has one for this point.
    """
    locked = _locked(rule)
    _require(locked, RuleState.PROPOSED)
    if any(getattr(locked, name) != value for name, value in (seen or {}).items()):
        raise Conflict("It was changed meanwhile; read it again.", code="changed_meanwhile")
    locked.person = None
    _approved_by(locked, principal)
    _save(locked)
    record_audit("rule.approved", principal=principal, target=locked, **_told(locked))
    return locked


@transaction.atomic
def reject_rule(rule: Rule, *, principal: Principal) -> Rule:
    """Decline a proposal: the rule stays its owner's. Raises Conflict if it is not proposed any more."""
    locked = _locked(rule)
    _require(locked, RuleState.PROPOSED)
    locked.state, locked.reviewer, locked.reviewed_at = RuleState.REJECTED, principal.user, timezone.now()
    locked.save()
    record_audit("rule.rejected", principal=principal, target=locked, **_told(locked))
    return locked


@transaction.atomic
def revoke_rule(rule: Rule, *, principal: Principal | None = None, actor: User | None = None) -> Rule:
    """End a rule: what it settled is asked again. `actor` is an administrator of the installation.

    Raises: NotAllowed, Conflict if it is revoked already.
    """
    locked = _locked(rule)
    if principal is not None:
        _require_say(locked, principal)
    _require(locked, *(state for state in RuleState if state is not RuleState.REVOKED))
    _revoke(locked, principal.user if principal else actor)
    who = {"principal": principal} if principal else {"organization": locked.organization, "actor": actor}
    record_audit("rule.revoked", **who, target=locked, **_told(locked))
    return locked


def known_rules(rules: Iterable[Rule]) -> tuple[KnownRule, ...]:
    """The rules as readings are narrowed by them: a personal one goes before the organization's."""
    ordered = sorted(rules, key=lambda one: one.is_of_organization)
    return tuple(_known(one) for one in ordered)


def _known(rule: Rule) -> KnownRule:
    meaning = rule.meaning if rule.clarification_id else ""
    return KnownRule(str(rule.pk), ChoiceField(rule.field), rule.phrase, rule.label, _words(rule), meaning)


def may_decide(rule: Rule, principal: Principal) -> bool:
    """Whether this person changes and revokes it: its owner, or a reviewer where it is the organization's."""
    if rule.is_of_organization:
        return principal.may(*REVIEW)
    return rule.person_id == principal.user.pk


def _words(rule: Rule) -> str:
    taken = f"“{rule.phrase}” is taken as “{rule.label}”, by"
    if not rule.is_of_organization:
        return f"{taken} your rule of {day_in_words(rule.created_at)}."
    reviewed = f", reviewed by {rule.reviewer.email}" if rule.reviewer else ""
    return f"{taken} the organization's rule of {day_in_words(rule.reviewed_at or rule.created_at)}{reviewed}."


def _approved_by(rule: Rule, principal: Principal) -> None:
    rule.state, rule.reviewer, rule.reviewed_at = RuleState.APPROVED, principal.user, timezone.now()


def _revoke(rule: Rule, by: User | None) -> None:
    rule.state, rule.revoked_by, rule.revoked_at = RuleState.REVOKED, by, timezone.now()
    rule.save()


def _save(rule: Rule) -> None:
    """Save it. Raises Conflict if another rule of the same owner holds for its point."""
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise Conflict("There is a rule for this already; revoke it first.", code="already_one") from error


def _require_say(rule: Rule, principal: Principal) -> None:
    if not may_decide(rule, principal):
        raise NotAllowed("This rule is not yours to decide about.")


def _require(rule: Rule, *states: RuleState) -> None:
    if rule.state not in states:
        raise Conflict(f"This rule is {rule.state}.", code=f"rule_{rule.state}")


def _locked(rule: Rule) -> Rule:
    """The row as it is now, locked until the transaction ends."""
    rows = Rule.objects.for_org(rule.organization).select_for_update(of=("self",))
    related = ("organization", "data_source__organization", "person", "author", "reviewer")
    found: Rule = rows.select_related(*related).get(pk=rule.pk)
    return found


def _told(rule: Rule) -> dict[str, Any]:
    """For the audit log."""
    return {
        "data_source": str(rule.data_source_id), "person": rule.person_id and str(rule.person_id),
        "field": rule.field, "phrase": rule.phrase[:200], "label": rule.label[:200], "state": rule.state,
    }  # fmt: skip
