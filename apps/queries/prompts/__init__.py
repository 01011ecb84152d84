"""Prompts are files with a version, so that a record can say which words a model was given."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Prompt:
    """One prompt. Raise its version with every change of its words."""

    name: str
    version: int
    text: str

    @property
    def purpose(self) -> str:
        """How a call with this prompt stands on record."""
        return f"{self.name}/{self.version}"

    def filled(self, **parts: str) -> str:
        """The text with its places filled, once: what is filled in is never read for places again."""
        return Template(self.text).substitute(parts)


@cache
def prompt(name: str) -> Prompt:
    """The prompt of that name."""
    head, _, text = (FOLDER / f"{name}.md").read_text(encoding="utf-8").partition("\n\n")
    return Prompt(name, int(head.removeprefix("version:")), text.strip())
