"""Keyset pagination: page 1,000 costs what page 1 costs, and rows that arrive meanwhile shift nothing."""

import re
import uuid
from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class NewestFirst(CursorPagination):
    """Newest first, by an id that sorts by time.

    A view whose list takes more parameters than these two names them in `filters`; any other is refused by name.

    Raises: ValidationError naming the parameter.
    """

    ordering = "-id"
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        known = {self.cursor_query_param, self.page_size_query_param, *getattr(view, "filters", ())}
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError({name: ["Unknown parameter."] for name in unknown})
        page: list[Any] | None = super().paginate_queryset(queryset, request, view)
        return page

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not re.fullmatch(r"[1-9][0-9]{0,2}", text) or int(text) > self.max_page_size:
            raise ValidationError({self.page_size_query_param: [f"A whole number from 1 to {self.max_page_size}."]})
        return int(text)

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                uuid.UUID(str(cursor.position))
        except (NotFound, ValueError) as error:
            raise ValidationError({self.cursor_query_param: ["This is no cursor of this list."]}) from error
        return cursor
