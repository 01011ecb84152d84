"""Of several descriptions of models: which holds, and who is asked where one fails."""

import pytest

from apps.llm.registry_entries import NO_FALLBACK, Entry, Origin, RegistryBroken, complaints_about, resolve
from apps.llm.spec import ModelSpec, Role


def entry(key: str, *roles: Role, fallback: str = "", origin: Origin = Origin.FILE, url: str | None = None) -> Entry:
    return Entry(ModelSpec(key, url, roles=frozenset(roles)), origin, fallback)


def chain(entries: list[Entry], key: str) -> str:
    model: ModelSpec | None = resolve(entries)[key]
    keys = []
    while model is not None:
        keys.append(model.key)
        model = model.fallback
    return " ".join(keys)


def test_of_two_with_one_key_the_first_holds_and_the_other_is_told() -> None:
    entries = [
        entry("a", origin=Origin.ENVIRONMENT, url="https://one.example/v1"),
        entry("b"),
        entry("a", origin=Origin.ADMIN, url="https://two.example/v1"),
    ]
    models = resolve(entries)
    assert list(models) == ["a", "b"]
    assert models["a"].base_url == "https://one.example/v1"
    assert complaints_about(entries) == [
        "a: described by the environment and by the admin site; the environment holds."
    ]


def test_the_provider_is_the_host_and_port_where_none_is_named() -> None:
    named = Entry(ModelSpec("c", "http://127.0.0.1:9/v1", provider="cellar"), Origin.FILE)
    models = resolve([entry("a", url="http://127.0.0.1:8000/v1"), entry("b"), named])
    assert [model.provider for model in models.values()] == ["127.0.0.1:8000", "api.openai.com", "cellar"]


def test_without_a_fallback_the_next_of_the_first_role_follows_then_those_without_a_role() -> None:
    entries = [
        entry("general"),
        entry("deep", Role.REASONING),
        entry("quick", Role.FAST),
        entry("deeper", Role.IMPLEMENTATION, Role.REASONING),
        entry("vectors", Role.EMBEDDING),
        entry("spare"),
    ]
    assert chain(entries, "deep") == "deep deeper general spare"
    assert chain(entries, "quick") == "quick general spare"
    assert chain(entries, "spare") == "spare"
    assert chain(entries, "vectors") == "vectors"


def test_a_named_fallback_goes_before_the_order_and_none_ends_it() -> None:
    entries = [entry("a"), entry("b", fallback="d"), entry("c", fallback=NO_FALLBACK), entry("d")]
    assert chain(entries, "a") == "a b d"
    assert chain(entries, "b") == "b d"
    assert chain(entries, "c") == "c"


def test_a_fallback_by_order_never_closes_a_circle_with_named_ones() -> None:
    entries = [entry("a"), entry("b", fallback="a"), entry("c")]
    assert chain(entries, "b") == "b a c"
    assert chain([entry("a"), entry("b", fallback="a")], "b") == "b a"


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ({"a": "a"}, "a → a"),
        ({"a": "b", "b": "a"}, "a → b → a"),
        ({"x": "a", "a": "b", "b": "c", "c": "a"}, "a → b → c → a"),
    ],
)
def test_fallbacks_that_go_round_are_refused_with_the_circle(links: dict[str, str], said: str) -> None:
    with pytest.raises(RegistryBroken, match=said):
        resolve([entry(key, fallback=fallback) for key, fallback in links.items()])


@pytest.mark.parametrize("fallback", ["gone", "vectors"])
def test_a_fallback_that_there_is_not_is_left_out_and_told(fallback: str) -> None:
    entries = [entry("a", fallback=fallback), entry("b"), entry("vectors", Role.EMBEDDING)]
    assert chain(entries, "a") == "a"
    assert complaints_about(entries) == [
        f"a: its fallback {fallback} is no model that answers questions; none is used."
    ]


def test_a_long_list_of_models_is_resolved_at_once() -> None:
    entries = [entry(f"m{number}") for number in range(200)]
    assert len(chain(entries, "m0").split()) == 200
