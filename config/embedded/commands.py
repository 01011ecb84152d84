"""Which of the platform's commands need a database and a broker before they begin."""

import os
from collections.abc import Sequence

from dotenv import dotenv_values

from config.embedded.places import CHECKOUT
from config.embedded.services import POSTGRES, REDIS, ensure_running

# The environment variable that replaces each service.
_REPLACED_BY = {POSTGRES: "DATABASE_URL", REDIS: "REDIS_URL"}

_NEED_NOTHING = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "help",
        "makemessages",
        "spectacular",
        "startapp",
        "version",
    }
)
# These judge text or folders, and look into a data source only when one is named.
_NEED_A_SOURCE = frozenset({"check_sql", "evaluate"})


def ensure_services_for(argv: Sequence[str]) -> None:
    """Start the embedded services that `manage.py` with these arguments needs and the environment does not replace."""
    services = missing_services()
    if services and needs_services(argv):
        ensure_running(services=services)


def missing_services() -> list[str]:
    """Return the services for which neither the environment nor the checkout's `.env` gives an address."""
    environment = {**dotenv_values(CHECKOUT / ".env"), **os.environ}
    return [service for service, variable in _REPLACED_BY.items() if not environment.get(variable)]


def needs_services(argv: Sequence[str]) -> bool:
    """Say whether the command line `manage.py COMMAND ...` reads or writes the platform's database or queue."""
    if len(argv) < 2 or argv[1].startswith("-") or {"-h", "--help"} & set(argv):
        return False
    command = argv[1]
    if command in _NEED_A_SOURCE:
        return any(argument == "--source" or argument.startswith("--source=") for argument in argv)
    return command not in _NEED_NOTHING
