"""Outcomes kept by the object that they were made of."""

from apps.common.identity import kept_by_identity


def test_the_same_object_is_worked_on_once_and_an_equal_one_anew() -> None:
    seen: list[list[int]] = []

    @kept_by_identity(maxsize=2)
    def total(numbers: list[int]) -> int:
        seen.append(numbers)
        return sum(numbers)

    first, equal = [1, 2], [1, 2]

    assert (total(first), total(first), total(equal)) == (3, 3, 3)
    assert len(seen) == 2


def test_only_the_last_outcomes_are_kept() -> None:
    made: list[int] = []

    @kept_by_identity(maxsize=1)
    def noted(value: list[int]) -> int:
        made.append(value[0])
        return value[0]

    first, second = [1], [2]
    for value in (first, second, first):
        noted(value)

    assert made == [1, 2, 1]
