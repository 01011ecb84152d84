"""Numbers between 0 and 1, such as how sure an answer must be."""

from django.core.exceptions import ValidationError


def check_share(value: float) -> None:
    """A number from 0 to 1, both included. Raises ValidationError; NaN, which compares with nothing, is none."""
    if not 0 <= value <= 1:
        raise ValidationError("Must lie between 0 and 1.", code="no_share")
