"""Real PostgreSQL and Redis for a machine where nothing runs, from the wheels of requirements/local.txt.

`DATABASE_URL` and `REDIS_URL` in the environment replace them; then nothing here is started.
"""

from config.embedded.commands import ensure_services_for
from config.embedded.errors import EmbeddedServiceError
from config.embedded.services import Addresses, Status, addresses, admin_url, ensure_running, remove, status, stop

__all__ = [
    "Addresses",
    "EmbeddedServiceError",
    "Status",
    "addresses",
    "admin_url",
    "ensure_running",
    "ensure_services_for",
    "remove",
    "status",
    "stop",
]
