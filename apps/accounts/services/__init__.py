"""Writes on accounts, by subject. The few that other apps and tests need most are named here."""

from apps.accounts.services.api_keys import create_api_key
from apps.accounts.services.members import add_member
from apps.accounts.services.organizations import create_organization

__all__ = ["add_member", "create_api_key", "create_organization"]
