"""What is known of a member by name, such as their region: row filters of access policies take their values from it."""

import re
from typing import Any

from django.core.exceptions import ValidationError

MOST_ATTRIBUTES = 50
MOST_VALUES = 200
LONGEST_VALUE = 200
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,59}")

# Names that every membership has without an attribute.
BUILT_IN = ("email", "role", "user_id")


def check_attributes(attributes: Any) -> None:
    """Raise ValidationError for what is no object from names to texts, whole numbers, truth values or lists of them."""
    if not isinstance(attributes, dict) or len(attributes) > MOST_ATTRIBUTES:
        raise ValidationError(f"An object with at most {MOST_ATTRIBUTES} attributes is wanted.")
    for name, value in attributes.items():
        if not _NAME.fullmatch(name) or name in BUILT_IN:
            taken = ", ".join(BUILT_IN)
            raise ValidationError(f"{name!r}: small letters, digits and _ make a name; {taken} are taken.")
        values = value if isinstance(value, list) else [value]
        if len(values) > MOST_VALUES or not values or not all(_is_value(one) for one in values):
            raise ValidationError(f"{name}: a text, a whole number, true, false, or a list of them is wanted.")


def _is_value(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE and "\x00" not in value and value.isprintable()
    return isinstance(value, int) and abs(value) < 2**63
