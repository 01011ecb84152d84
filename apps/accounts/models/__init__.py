"""Who there is and what they own; one module an idea."""

from apps.accounts.models.audit import AuditEvent
from apps.accounts.models.keys import ApiKey
from apps.accounts.models.people import Membership, Organization, Role, User
from apps.accounts.models.quotas import Measure, Period, Quota, QuotaAlert, Subject, UsageCounter, UsageRecord

__all__ = [
    "ApiKey",
    "AuditEvent",
    "Measure",
    "Membership",
    "Organization",
    "Period",
    "Quota",
    "QuotaAlert",
    "Role",
    "Subject",
    "UsageCounter",
    "UsageRecord",
    "User",
]
