"""`manage.py migrate`: as the role that owns the tables, which need not be the one that runs the platform."""

from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from apps.accounts.postgresql.base import OWNER_ALIAS


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=OWNER_ALIAS)
