"""Who there is and what they own; one module an idea."""

from apps.accounts.models.audit import AuditEvent
from apps.accounts.models.keys import ApiKey
from apps.accounts.models.people import Membership, Organization, Role, User

__all__ = ["ApiKey", "AuditEvent", "Membership", "Organization", "Role", "User"]
