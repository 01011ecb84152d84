"""Prompts are files with a version, so that a record can say which words a model was given."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent
PARTED = "\n---\n"  # between an agent's rules and the question that its places are filled in


@dataclass(frozen=True)
class Prompt:
    """One prompt: its rules, and for an agent the question with its places. Raise its version with every change."""

    name: str
    version: int
    text: str
    template: str = ""

    @property
    def purpose(self) -> str:
        """How a call with this prompt stands on record."""
        return f"{self.name}/{self.version}"

    def filled(self, **parts: str) -> str:
        """The text with its places filled, once: what is filled in is never read for places again."""
        return Template(self.text).substitute(parts)

    def question(self, **parts: str) -> str:
        """An agent's question with its places filled, once."""
        return Template(self.template).substitute(parts)


@cache
def prompt(name: str) -> Prompt:
    """The prompt of that name."""
    head, _, text = (FOLDER / f"{name}.md").read_text(encoding="utf-8").partition("\n\n")
    rules, _, template = text.partition(PARTED)
    return Prompt(name, int(head.removeprefix("version:")), rules.strip(), template.strip())


def versions() -> dict[str, int]:
    """The version of each prompt."""
    return {path.stem: prompt(path.stem).version for path in sorted(FOLDER.glob("*.md"))}
