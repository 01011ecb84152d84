from apps.datasources.sample.dice import Dice, Wheel


def test_the_same_part_sees_the_same_chance_in_every_python() -> None:
    dice = Dice("test")
    assert [dice.below(1000) for _ in range(6)] == [726, 512, 893, 219, 666, 120]


def test_parts_do_not_share_their_chance() -> None:
    one, other = Dice("one"), Dice("other")
    assert [one.below(1000) for _ in range(6)] != [other.below(1000) for _ in range(6)]


def test_limits_are_kept_and_reached() -> None:
    dice = Dice("limits")
    assert {dice.between(3, 6) for _ in range(200)} == {3, 4, 5, 6}
    assert {dice.below(3) for _ in range(200)} == {0, 1, 2}


def test_a_bell_favours_its_middle() -> None:
    dice = Dice("bell")
    drawn = [dice.bell(0, 10) for _ in range(2000)]
    assert drawn.count(5) > 3 * drawn.count(1)


def test_a_wheel_follows_its_weights_and_never_draws_a_zero() -> None:
    dice, wheel = Dice("wheel"), Wheel([1, 0, 9])
    drawn = [wheel.spin(dice) for _ in range(2000)]
    assert 1 not in drawn
    assert drawn.count(2) > 5 * drawn.count(0) > 0


def test_a_wheel_can_be_kept_to_its_first_positions() -> None:
    dice, wheel = Dice("wheel"), Wheel([1, 1, 1000])
    assert {wheel.spin(dice, first=2) for _ in range(100)} == {0, 1}
