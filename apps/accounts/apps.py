from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        from apps.accounts import openapi, tasks  # noqa: F401  (register what the API's document and the worker need)

        post_migrate.connect(_protect, sender=self)


def _protect(*, using: str, plan: list[Any] | None = None, **_: Any) -> None:
    """After `migrate`, also where nothing was left to do. Emptying a database sends the same signal, without a plan."""
    from apps.accounts.protection import protect

    if plan is not None:
        protect(using)
