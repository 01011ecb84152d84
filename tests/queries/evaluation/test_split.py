from apps.queries.evaluation.split import is_measure_only, split


def test_the_split_never_changes() -> None:
    assert is_measure_only("cinema")
    assert not is_measure_only("hr_1")


def test_every_database_falls_on_one_side() -> None:
    development, measured = split(["cinema", "hr_1", "hr_1"])
    assert (development, measured) == (["hr_1"], ["cinema"])
