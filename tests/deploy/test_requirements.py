"""What the requirement files ask for is what their locks hold."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "requirements"
NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)


def canonical(names: list[str]) -> set[str]:
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def wanted(file: str) -> set[str]:
    text = (FOLDER / file).read_text()
    parents = re.findall(r"^-r (\S+)", text, flags=re.MULTILINE)
    return canonical(NAME.findall(text)).union(*(wanted(parent) for parent in parents))


@pytest.mark.parametrize("name", ["base", "local", "dev"])
def test_every_requirement_is_locked_with_its_hashes(name: str) -> None:
    lock = (FOLDER / f"{name}.txt").read_text()
    assert wanted(f"{name}.in") <= canonical(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", lock, flags=re.MULTILINE))
    assert lock.count("--hash=sha256:") > 100
