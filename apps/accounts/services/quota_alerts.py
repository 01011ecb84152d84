"""Telling those who can do something about it that a quota is nearly or wholly used up."""

import uuid

from django.utils import timezone

from apps.accounts.mail import absolute_url, is_mail_configured, send
from apps.accounts.models import Membership, Organization, QuotaAlert, Role


def mail_alert(organization: Organization, alert_id: uuid.UUID) -> None:
    """Mail one alert to each owner and administrator, once. Without a mail server it stays in the log and the audit."""
    alerts = QuotaAlert.objects.for_org(organization).filter(pk=alert_id, mailed_at__isnull=True)
    alert: QuotaAlert | None = alerts.first()
    if alert is None or not is_mail_configured() or not alerts.update(mailed_at=timezone.now()):
        return
    members = Membership.objects.for_org(organization).live().filter(role__in=[Role.OWNER, Role.ADMIN])
    for address in members.values_list("user__email", flat=True):
        send("quota_alert", to=address, alert=alert, organization=organization, link=absolute_url("ask"))
