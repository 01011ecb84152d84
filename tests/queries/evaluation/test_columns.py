"""Any order of columns is found, and looking for one ends soon where there is none."""

import time
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.queries.evaluation.columns import can_be_matched
from apps.queries.evaluation.compare import Row, compare

VALUES = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["a", "b"]))
SECONDS = 3.0


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    width = draw(st.integers(1, 6))
    return draw(st.lists(st.tuples(*[VALUES] * width), min_size=1, max_size=12))


@settings(deadline=None, max_examples=60)
@given(tables(), st.randoms(use_true_random=False))
def test_rows_and_columns_in_any_order_are_the_same_result(rows: list[Row], random: object) -> None:
    shuffled, order = list(rows), list(range(len(rows[0])))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(order)  # type: ignore[attr-defined]
    assert compare([tuple(row[place] for place in order) for row in shuffled], rows, ordered=False).same
    assert compare([tuple(row[place] for place in order) for row in rows], rows, ordered=True).same


@settings(deadline=None, max_examples=60)
@given(tables(), tables(), st.booleans())
def test_it_finds_what_trying_every_order_of_columns_finds(rows: list[Row], gold: list[Row], ordered: bool) -> None:
    if len(rows[0]) == len(gold[0]) and len(rows) == len(gold):
        assert compare(rows, gold, ordered=ordered).same is any(
            arranged(rows, order, ordered) == arranged(gold, range(len(gold[0])), ordered)
            for order in permutations(range(len(rows[0])))
        )


def arranged(rows: list[Row], order: object, ordered: bool) -> list[Row]:
    found = [tuple(row[place] for place in order) for row in rows]  # type: ignore[attr-defined]
    return found if ordered else sorted(found, key=repr)


def test_twelve_columns_that_differ_only_in_their_pairing_do_not_take_for_ever() -> None:
    """A square in which every column holds every value: 479 million orders, none of which fits."""
    size = 12
    square = [tuple((row * 5 + column) % size for column in range(size)) for row in range(size)]
    skewed = [tuple((row * 5 + column * column) % size for column in range(size)) for row in range(size)]
    started = time.thread_time()
    assert not can_be_matched(skewed, square, [0] * size, [0] * size)
    assert time.thread_time() - started < SECONDS


def test_forty_equal_columns_are_tried_once() -> None:
    wide = [(1,) * 40, (2,) * 40]
    other = [*wide[:1], (2,) * 39 + (3,)]
    started = time.thread_time()
    assert can_be_matched(wide, wide[::-1], [0, 0], [0, 0])
    assert not can_be_matched(wide, other, [0, 0], [0, 0])
    assert time.thread_time() - started < SECONDS
