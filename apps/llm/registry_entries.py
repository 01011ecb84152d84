"""Models as their sources describe them, made into what calls use: one a key, with its fallbacks. No Django here.

A fallback that is named is asked next. Where none is named, it is the next model of the same role: first those that
have the role, then those that have none, in their order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from apps.common.errors import AppError
from apps.llm.spec import ModelSpec, Role

NO_FALLBACK = "none"


class RegistryBroken(AppError):
    """The models cannot be used as they are described."""

    code = "registry_broken"
    status = 500


class Origin(StrEnum):
    """Who describes a model. Where two describe one key, the one that stands first here holds."""

    ENVIRONMENT = "the environment"
    ADMIN = "the admin site"
    FILE = "the file of models"


@dataclass(frozen=True)
class Entry:
    """One model as described: `spec` has no fallback yet, `fallback` is the key of the one named.

    An empty `fallback` takes the next of the role, NO_FALLBACK none. `complaints` are for operators.
    """

    spec: ModelSpec
    origin: Origin
    fallback: str = ""
    complaints: tuple[str, ...] = ()


def resolve(entries: Iterable[Entry]) -> dict[str, ModelSpec]:
    """The models by key, in the order given; of two with one key the first holds.

    A fallback that there is not is left out, as it may only be away. Raises RegistryBroken where fallbacks go round.
    """
    known: dict[str, Entry] = {}
    for entry in entries:
        known.setdefault(entry.spec.key, entry)
    following = _links(known)
    made: dict[str, ModelSpec] = {}
    for key in _last_first(known, following):
        after = following.get(key)
        spec = known[key].spec
        made[key] = replace(spec, provider=spec.provider or spec.host, fallback=made[after] if after else None)
    return {key: made[key] for key in known}


def complaints_about(entries: Sequence[Entry]) -> list[str]:
    """What an operator should mend in these descriptions, in sentences."""
    said = [f"{entry.spec.key}: {complaint}" for entry in entries for complaint in entry.complaints]
    known: dict[str, Entry] = {}
    for entry in entries:
        key = entry.spec.key
        if key in known:
            said.append(f"{key}: described by {known[key].origin} and by {entry.origin}; {known[key].origin} holds.")
        known.setdefault(key, entry)
    for key, entry in known.items():
        if entry.fallback not in ("", NO_FALLBACK) and not _may_follow(known, entry.fallback):
            said.append(f"{key}: its fallback {entry.fallback} is no model that answers questions; none is used.")
    return said


def _links(known: Mapping[str, Entry]) -> dict[str, str]:
    """The key that follows each: those that are named, then the next of the role where that closes no circle."""
    links = {
        key: entry.fallback
        for key, entry in known.items()
        if not entry.spec.only_embeds and _may_follow(known, entry.fallback)
    }
    _refuse_circles(links)
    for key, entry in known.items():
        if entry.fallback or entry.spec.only_embeds:
            continue
        for candidate in _next_of_the_role(known, key):
            if key not in _chain(links, candidate):
                links[key] = candidate
                break
    return links


def _may_follow(known: Mapping[str, Entry], key: str) -> bool:
    return key in known and not known[key].spec.only_embeds


def _refuse_circles(links: Mapping[str, str]) -> None:
    for start in links:
        chain = _chain(links, start)
        if links.get(chain[-1]) == start:
            raise RegistryBroken(f"The fallbacks of models go round: {' → '.join([*chain, start])}.")


def _chain(links: Mapping[str, str], start: str) -> list[str]:
    """The keys from `start` on, each once."""
    chain = [start]
    while (after := links.get(chain[-1])) is not None and after not in chain:
        chain.append(after)
    return chain


def _next_of_the_role(known: Mapping[str, Entry], key: str) -> list[str]:
    """What comes after a model among those of its first role, then those without a role."""
    role = next((one for one in Role if one in known[key].spec.roles), None)
    specs = [entry.spec for entry in known.values() if not entry.spec.only_embeds]
    line = [one.key for one in specs if role in one.roles] + [one.key for one in specs if not one.roles]
    return line[line.index(key) + 1 :]


def _last_first(known: Mapping[str, Entry], links: Mapping[str, str]) -> list[str]:
    """Every key, each after the one that it falls back to."""
    order: dict[str, None] = {}
    for key in known:
        order |= dict.fromkeys(one for one in reversed(_chain(links, key)) if one not in order)
    return list(order)
