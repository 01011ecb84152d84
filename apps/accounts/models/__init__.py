"""Who there is and what they own; one module an idea."""

from apps.accounts.models.audit import AuditEvent
from apps.accounts.models.invitations import Invitation
from apps.accounts.models.keys import ApiKey
from apps.accounts.models.people import Membership, Organization, Role, User
from apps.accounts.models.quotas import Measure, Period, Quota, QuotaAlert, Subject, UsageCounter, UsageRecord
from apps.accounts.models.second_factors import RecoveryCode, SecondFactor
from apps.accounts.models.sign_ins import ExternalIdentity, TokenFamily

__all__ = [
    "ApiKey",
    "AuditEvent",
    "ExternalIdentity",
    "Invitation",
    "Measure",
    "Membership",
    "Organization",
    "Period",
    "Quota",
    "QuotaAlert",
    "RecoveryCode",
    "Role",
    "SecondFactor",
    "Subject",
    "TokenFamily",
    "UsageCounter",
    "UsageRecord",
    "User",
]
