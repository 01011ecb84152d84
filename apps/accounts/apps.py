from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        from apps.accounts import openapi  # noqa: F401  (registers how the document names our authentication)

        post_migrate.connect(_protect, sender=self)


def _protect(*, using: str, **_: Any) -> None:
    from apps.accounts.protection import protect

    protect(using)
