"""Which models and engines a query may name: for every member. Addresses, keys and variables stay the operators'."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import READ, OrganizationView
from apps.llm.breaker import Circuit
from apps.llm.registry import all_models, default_engine, default_model, defaults_by_role
from apps.llm.services import state_of
from apps.llm.shapes import ModelsShape
from apps.llm.spec import ModelSpec, Role


class ModelsView(OrganizationView):
    needs = {"GET": READ}

    @extend_schema(operation_id="models", responses=ModelsShape)
    def get(self, request: Request) -> Response:
        """The models of this installation in the order in which they are defaults, and its engines."""
        defaults = defaults_by_role()
        return Response(
            {
                "models": [_shown(model, defaults) for model in all_models().values()],
                "engines": ["builtin", "model"] if default_model() else ["builtin"],
                "default_engine": default_engine(),
            }
        )


def _shown(model: ModelSpec, defaults: dict[Role, ModelSpec]) -> dict[str, Any]:
    return {
        "key": model.key,
        "provider": None if model.provider == model.host else model.provider,
        "roles": [role for role in Role if role in model.roles],
        "default_for": [role for role, taken in defaults.items() if taken.key == model.key],
        "available": state_of(model).circuit is not Circuit.OPEN,
        "abilities": {"schema": model.takes_schema, "tools": model.takes_tools, "streams": model.streams},
        "window_tokens": model.window_tokens,
        "price_in_usd": _plain(model.price_in),
        "price_out_usd": _plain(model.price_out),
    }


def _plain(price: Decimal) -> str:
    """Every digit, and no exponent."""
    return f"{price.normalize():f}"
