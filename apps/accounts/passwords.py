"""What a password must be like."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from apps.accounts.models import User
from apps.common.errors import InvalidInput

MAX_CHARS = 4_096


def check_new_password(password: str, *, user: User | None = None, field: str = "password") -> None:
    """Hold a new password to the installation's validators. Raises InvalidInput naming the field."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), details={field: list(error.messages)}) from error
