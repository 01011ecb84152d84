"""A prompt's words belong to its version."""

import hashlib
from string import Template

import pytest

from apps.queries.prompts import FOLDER, prompt

# When you change a prompt: raise its version, run this test, and enter the digest that it prints.
DIGESTS = {
    ("chart", 1): "4a33c575eb3ac4f0",
    ("correction", 2): "f8dad3d9385b7812",
    ("dialects", 1): "7fb9484a71557fe2",
    ("plan", 1): "272e7ad4cbb88d9e",
    ("question", 3): "371c2772e709fba8",
    ("readings", 3): "ecb81a0e8b129d42",
    ("research", 1): "f09215592da5ac62",
    ("synthesis", 1): "ca37cd3eda5a27ef",
}
NAMES = sorted(path.stem for path in FOLDER.glob("*.md"))


@pytest.mark.parametrize("name", NAMES)
def test_the_words_are_those_of_the_version(name: str) -> None:
    found = prompt(name)
    digest = hashlib.sha256("\n".join(filter(None, (found.text, found.template))).encode()).hexdigest()[:16]
    assert DIGESTS.get((name, prompt(name).version)) == digest


def test_every_prompt_is_known() -> None:
    assert sorted(name for name, _ in DIGESTS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_purpose_fits_its_column(name: str) -> None:
    assert len(f"repair of {prompt(name).purpose}") <= 30


def test_a_place_left_open_is_an_error() -> None:
    with pytest.raises(KeyError):
        prompt("question").filled(today="2026-03-01")
    assert Template(prompt("readings").text).get_identifiers() == []
