"""Which models this installation may use: that of the environment, and those of a file."""

from django.conf import settings

from apps.common.errors import InvalidInput
from apps.llm.registry_file import read_models
from apps.llm.spec import ModelsByRole, ModelSpec, Role

__all__ = ["ModelSpec", "all_models", "default_model", "embedding_model", "find_model", "models_for"]


def all_models() -> dict[str, ModelSpec]:
    """Every model by its key, that of the environment first; where both name a key, the environment's holds."""
    file = settings.PARLEY.models_file
    models = {model.key: model for model in _from_environment()}
    for model in read_models(file) if file else ():
        models.setdefault(model.key, model)
    return models


def default_model() -> ModelSpec | None:
    """The model of those who name none; None where none is configured."""
    return next(iter(all_models().values()), None)


def find_model(key: str) -> ModelSpec:
    """The model of that key. Raises InvalidInput that lists the keys there are."""
    models = all_models()
    if key not in models:
        keys = ", ".join(models)
        raise InvalidInput(f"There is no model {key!r}. " + (f"There are: {keys}." if keys else "None is configured."))
    return models[key]


def models_for(*, reasoning: str | None = None, implementation: str | None = None) -> ModelsByRole | None:
    """The models of one query: those it names, else those that have the role, else the default; None without any.

    Raises: InvalidInput for a key that there is not.
    """
    default = default_model()
    if default is None and reasoning is None and implementation is None:
        return None
    return ModelsByRole(_for_role(Role.REASONING, reasoning), _for_role(Role.IMPLEMENTATION, implementation))


def embedding_model() -> ModelSpec | None:
    """The model that makes vectors of texts; None where none is configured."""
    environment = settings.PARLEY
    if not environment.embedding_model:
        return None
    key = environment.embedding_api_key or environment.model_api_key
    return ModelSpec(
        key=environment.embedding_model,
        base_url=environment.embedding_base_url or environment.model_base_url,
        api_key=key.get_secret_value() if key else "",
        price_in=environment.embedding_price_in,
    )


def _for_role(role: Role, key: str | None) -> ModelSpec:
    if key is not None:
        return find_model(key)
    models = all_models().values()
    return next((model for model in models if role in model.roles), next(iter(models)))


def _from_environment() -> list[ModelSpec]:
    environment = settings.PARLEY
    if not environment.model_name:
        return []
    return [
        ModelSpec(
            key=environment.model_name,
            base_url=environment.model_base_url,
            api_key=environment.model_api_key.get_secret_value() if environment.model_api_key else "",
            price_in=environment.model_price_in,
            price_out=environment.model_price_out,
            window_tokens=environment.model_window_tokens,
        )
    ]
