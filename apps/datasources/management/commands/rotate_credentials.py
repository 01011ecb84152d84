"""`manage.py rotate_credentials`: bring every stored password and secret under the newest of CREDENTIALS_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.accounts.row_security import across_organizations
from apps.accounts.services.second_factor import reseal_second_factors
from apps.common.sealing import reseal_offered
from apps.datasources.credentials import rotate
from apps.datasources.models import DataSource


class Command(BaseCommand):
    help = "Encrypt all passwords of data sources, second factors and models' keys under the first of CREDENTIALS_KEYS."

    def handle(self, **_: Any) -> None:
        count = 0
        with across_organizations("one command brings all organizations' passwords under the newest key"):
            for source in DataSource.objects.exclude(credentials="").iterator():
                changed = DataSource.objects.filter(pk=source.pk, credentials=source.credentials)
                count += changed.update(credentials=rotate(source))
        count += reseal_second_factors() + reseal_offered()
        self.stdout.write(f"{count} secret(s) are under the newest key; the older keys may go.")
