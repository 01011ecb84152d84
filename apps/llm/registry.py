"""Which models this installation may use."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class ModelSpec:
    """One model at one endpoint."""

    key: str
    base_url: str | None
    api_key: str


def default_model() -> ModelSpec | None:
    """The model of the environment, None where none is configured."""
    environment = settings.PARLEY
    if not environment.model_name:
        return None
    secret = environment.model_api_key.get_secret_value() if environment.model_api_key else ""
    return ModelSpec(environment.model_name, environment.model_base_url, secret)
