"""How sure a model may make us."""

import pytest

from apps.queries.engines.model.confidence import CEILING, THRESHOLD, scores


def test_a_single_certain_reading_reaches_the_ceiling_and_no_more() -> None:
    assert scores([1.0], corrections=0) == [CEILING]


def test_several_readings_share_the_ceiling() -> None:
    assert scores([0.6, 0.2], corrections=0) == pytest.approx([0.48, 0.16])
    assert sum(scores([1.0, 1.0, 1.0], corrections=0)) == pytest.approx(CEILING)


def test_a_doubtful_reading_stays_below_the_threshold() -> None:
    assert scores([0.5], corrections=0)[0] < THRESHOLD < scores([0.9], corrections=0)[0]


def test_every_correction_costs() -> None:
    assert scores([1.0], corrections=2) == pytest.approx([CEILING * 0.81])


def test_nothing_likely_is_nothing_sure() -> None:
    assert scores([0.0, 0.0], corrections=0) == [0.0, 0.0]
