"""Doorbells for e-mail: each message wakes a worker; what is sent, and to whom, stands in our rows."""

import uuid

from celery import shared_task

from apps.accounts.models import Organization
from apps.accounts.row_security import organization_scope
from apps.accounts.services import invitations, passwords, quota_alerts


@shared_task(time_limit=60)
def mail_invitation(organization_id: str, invitation_id: str) -> None:
    """Send one invitation, unless it was sent, accepted or revoked meanwhile."""
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        invitations.mail_invitation(organization, uuid.UUID(invitation_id))


@shared_task(time_limit=60)
def mail_quota_alert(organization_id: str, alert_id: str) -> None:
    """Tell the organization's owners and administrators that a quota reached a threshold, unless they were told."""
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        quota_alerts.mail_alert(organization, uuid.UUID(alert_id))


@shared_task(time_limit=60)
def mail_password_reset(email: str) -> None:
    """Send a link to set a new password, if the address has an account that uses one."""
    passwords.mail_reset_link(email)
