"""The colours: seen on white, and told apart by people who see fewer colours."""

from itertools import combinations

import pytest

from apps.queries.charts.style import DASHES, PALETTE, SHAPES

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
VISIONS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)
Triple = tuple[float, float, float]


def linear(color: str) -> Triple:
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)  # type: ignore[return-value]


def times(matrix: tuple[Triple, ...], vector: Triple) -> Triple:
    return tuple(sum(one * two for one, two in zip(row, vector, strict=True)) for row in matrix)  # type: ignore[return-value]


def lab(rgb: Triple) -> Triple:
    ratios = [max(0.0, part) / white for part, white in zip(times(XYZ, rgb), WHITE, strict=True)]
    x, y, z = (ratio ** (1 / 3) if ratio > 0.008856 else 7.787 * ratio + 16 / 116 for ratio in ratios)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("color", PALETTE)
def test_every_colour_stands_out_from_white(color: str) -> None:
    luminance = times(XYZ, linear(color))[1]
    assert 1.05 / (luminance + 0.05) >= 3


@pytest.mark.parametrize("vision", VISIONS)
def test_colours_are_told_apart(vision: str) -> None:
    seen = [lab(times(VISIONS[vision], linear(color))) for color in PALETTE]
    for (one, left), (other, right) in combinations(zip(PALETTE, seen, strict=True), 2):
        distance = sum((a - b) ** 2 for a, b in zip(left, right, strict=True)) ** 0.5
        assert distance >= 11, (one, other, round(distance, 1))


def test_every_series_has_a_dash_and_a_shape_of_its_own() -> None:
    assert len({tuple(dash) for dash in DASHES}) == len(set(SHAPES)) == len(PALETTE)
