"""Short secrets at rest: sealed with the installation's keys, each for one purpose, so none can stand in for another.

The first of CREDENTIALS_KEYS seals, all open.
"""

import json
from collections.abc import Callable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from apps.common.errors import AppError

_resealing: list[Callable[[], int]] = []


class Unsealable(AppError):
    """No key of this installation opens what is stored, or it was sealed for something else."""

    code = "secret_unreadable"
    status = 503


def seal(text: str, *, purpose: str) -> str:
    """`text` so that only this installation's keys open it, and only for `purpose`."""
    return _keys().encrypt(json.dumps([purpose, text]).encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text again. Raises Unsealable."""
    try:
        sealed_for, text = json.loads(_keys().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise Unsealable("A stored secret cannot be read; it has to be set up again.") from error
    if sealed_for != purpose:
        raise Unsealable("A stored secret is not for this use; it has to be set up again.")
    return str(text)


def reseal(sealed: str) -> str:
    """The same under the newest key."""
    return _keys().rotate(sealed.encode()).decode()


def offer_resealing(reseal_rows: Callable[[], int]) -> None:
    """Have `reseal_rows` bring an app's secrets under the newest key when all are; it returns how many it changed."""
    if reseal_rows not in _resealing:
        _resealing.append(reseal_rows)


def reseal_offered() -> int:
    """Bring the secrets of every app that offered to under the newest key; how many there were."""
    return sum(reseal_rows() for reseal_rows in _resealing)


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIALS_KEYS])
