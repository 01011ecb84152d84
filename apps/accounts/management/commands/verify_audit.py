"""`manage.py verify_audit`: is the audit log as it was written?"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.accounts.audit import verify_chains


class Command(BaseCommand):
    help = "Verify every chain of the audit log. Note the heads elsewhere: with --head, a log cut short is found out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="NAME=NUMBER:DIGEST",
            help="what an earlier run printed; that event must still be there as it was",
        )

    def handle(self, *, head: list[str], **_: Any) -> None:
        expected = dict(one.split("=", 1) for one in head)
        sound = True
        for chain in verify_chains(expected):
            sound &= not chain.faults
            said = "; ".join(chain.faults) or "sound"
            self.stdout.write(f"{chain.organization}={chain.length}:{chain.head}  {said}")
        if not sound:
            sys.exit(1)
