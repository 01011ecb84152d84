"""Which models this installation may use: that of the environment, those of the admin site, those of a file.

Where two of them describe one key, the one named first here holds.
"""

from collections.abc import Iterable

from django.conf import settings

from apps.common.errors import InvalidInput
from apps.llm.registry_entries import NO_FALLBACK, Entry, Origin, complaints_about, resolve
from apps.llm.registry_file import read_models
from apps.llm.registry_rows import registered_models
from apps.llm.spec import ModelsByRole, ModelSpec, Role
from apps.llm.tokens import TokenizerBroken, load_tokenizer

__all__ = [
    "ModelSpec",
    "all_models",
    "default_engine",
    "default_model",
    "defaults_by_role",
    "embedding_model",
    "find_model",
    "models_for",
    "registry_complaints",
]


def all_models() -> dict[str, ModelSpec]:
    """Every model by its key, in the order in which they are defaults. Raises RegistryBroken."""
    return resolve(_entries())


def question_models() -> dict[str, ModelSpec]:
    """Those that a question may go to: all but the ones that only make vectors."""
    return {key: model for key, model in all_models().items() if not model.only_embeds}


def default_model() -> ModelSpec | None:
    """The model of those who name none; None where none is configured."""
    return next(iter(question_models().values()), None)


def default_engine() -> str:
    """The engine of those who name none: `model` or `builtin`."""
    if settings.PARLEY.default_engine == "auto":
        return "model" if default_model() else "builtin"
    return str(settings.PARLEY.default_engine)


def find_model(key: str) -> ModelSpec:
    """The model of that key. Raises InvalidInput that lists the keys there are."""
    models = question_models()
    if key not in models:
        keys = ", ".join(models)
        raise InvalidInput(f"There is no model {key!r}. " + (f"There are: {keys}." if keys else "None is configured."))
    return models[key]


def models_for(*, reasoning: str | None = None, implementation: str | None = None) -> ModelsByRole | None:
    """The models of one query: those it names, else those that have the role, else the default; None without any.

    Small steps go to the model for them, unless the query names who carries it out: then to that one.

    Raises: InvalidInput for a key that there is not.
    """
    models = list(question_models().values())
    if not models and reasoning is None and implementation is None:
        return None
    return ModelsByRole(
        find_model(reasoning) if reasoning is not None else _preferred(models, Role.REASONING),
        find_model(implementation) if implementation is not None else _preferred(models, Role.IMPLEMENTATION),
        None if implementation is not None else _first_with(models, Role.FAST),
    )


def embedding_model() -> ModelSpec | None:
    """The model that makes vectors of texts: that of the environment, else the registry's; None without either."""
    environment = settings.PARLEY
    if not environment.embedding_model:
        return _first_with(all_models().values(), Role.EMBEDDING)
    key = environment.embedding_api_key or environment.model_api_key
    spec = ModelSpec(
        key=environment.embedding_model,
        base_url=environment.embedding_base_url or environment.model_base_url,
        api_key=key.get_secret_value() if key else "",
        price_in=environment.embedding_price_in,
        roles=frozenset({Role.EMBEDDING}),
    )
    return resolve([Entry(spec, Origin.ENVIRONMENT)])[spec.key]


def defaults_by_role() -> dict[Role, ModelSpec]:
    """The model that takes each role where nobody names one; a role that nobody takes is left out."""
    chosen = models_for()
    found: dict[Role, ModelSpec | None] = {Role.EMBEDDING: embedding_model()}
    if chosen is not None:
        found |= {
            Role.REASONING: chosen.reasoning, Role.IMPLEMENTATION: chosen.implementation, Role.FAST: chosen.small,
        }  # fmt: skip
    return {role: found[role] for role in Role if found.get(role) is not None}  # type: ignore[misc]


def registry_complaints() -> list[str]:
    """What an operator should mend in the descriptions of models, in sentences. Raises RegistryBroken."""
    entries = _entries()
    said = complaints_about(entries)
    for path in dict.fromkeys(entry.spec.tokenizer for entry in entries if entry.spec.tokenizer):
        try:
            load_tokenizer(path)
        except TokenizerBroken as error:
            said.append(f"{error.message} Tokens are bounded instead.")
    return said


def check_described(entry: Entry, *, instead_of: str | None) -> None:
    """Look at how a model of the admin site would fit in, before it is kept in place of the one of that key.

    Raises: InvalidInput for a fallback that there is not, RegistryBroken where fallbacks would go round.
    """
    gone = {entry.spec.key, instead_of}
    others = [one for one in _entries() if one.origin is not Origin.ADMIN or one.spec.key not in gone]
    keys = {one.spec.key for one in others if not one.spec.only_embeds}
    if entry.fallback not in ("", NO_FALLBACK) and entry.fallback not in keys | {entry.spec.key}:
        raise InvalidInput(f"There is no model {entry.fallback!r} that answers questions.")
    resolve([entry, *others])


def _preferred(models: Iterable[ModelSpec], role: Role) -> ModelSpec:
    """The first that has the role, else the first of all."""
    models = list(models)
    return _first_with(models, role) or models[0]


def _first_with(models: Iterable[ModelSpec], role: Role) -> ModelSpec | None:
    return next((model for model in models if role in model.roles), None)


def _entries() -> list[Entry]:
    file = settings.PARLEY.models_file
    return [*_from_environment(), *registered_models(), *(read_models(file) if file else ())]


def _from_environment() -> list[Entry]:
    environment = settings.PARLEY
    if not environment.model_name:
        return []
    spec = ModelSpec(
        key=environment.model_name,
        base_url=environment.model_base_url,
        api_key=environment.model_api_key.get_secret_value() if environment.model_api_key else "",
        price_in=environment.model_price_in,
        price_out=environment.model_price_out,
        window_tokens=environment.model_window_tokens,
    )
    return [Entry(spec, Origin.ENVIRONMENT)]
