"""Keeps what a function made of an object as long as that very object is asked about: hashing a large one, such as a
schema, would cost more than the work that is saved."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Generic, TypeVar

Argument = TypeVar("Argument")
Outcome = TypeVar("Outcome")
Value = TypeVar("Value")


class Unkeyed(Generic[Value]):
    """Takes what a cached function works with past the cache's key: any two are equal. The rest of the key must tell
    all that the value's contents depend on."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unkeyed)

    def __hash__(self) -> int:
        return 0


class _Same:
    """A key that equals another one only for the same object; it holds the object, so that no other gets its id."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value


def kept_by_identity(
    maxsize: int,
) -> Callable[[Callable[[Argument], Outcome]], Callable[[Argument], Outcome]]:
    """Decorates a function of one argument: the last `maxsize` outcomes are kept in this process, by object."""

    def decorate(function: Callable[[Argument], Outcome]) -> Callable[[Argument], Outcome]:
        @lru_cache(maxsize=maxsize)
        def outcome(key: _Same) -> Outcome:
            return function(key.value)  # type: ignore[arg-type]

        @wraps(function)
        def kept(argument: Argument) -> Outcome:
            return outcome(_Same(argument))

        return kept

    return decorate
