"""Reading a request's body through its serializer."""

from typing import Any

from rest_framework.request import Request


def checked(serializer: Any, request: Request, **options: Any) -> dict[str, Any]:
    """The checked body. Raises ValidationError naming the fields."""
    filled = serializer(data=request.data, **options)
    filled.is_valid(raise_exception=True)
    return dict(filled.validated_data)
