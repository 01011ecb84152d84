"""`manage.py set_up`: the first organization and its owner, once."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email, validate_slug

from apps.accounts.services.setup import set_up
from apps.common.errors import AppError


class Command(BaseCommand):
    help = "Make the first organization and its owner. The password is asked for, or read from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--organization", required=True, help="its name")
        parser.add_argument("--slug", required=True, help="its name in addresses and headers")

    def handle(self, *, email: str, organization: str, slug: str, **_: Any) -> None:
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        try:
            validate_email(email)
            validate_slug(slug)
            set_up(email=email, password=password, organization=organization, slug=slug)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except AppError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{email} owns {organization} and administers this installation.")
