"""What differs between dialects and models get wrong, for the one that is asked about."""

from functools import cache

from apps.queries.prompts import prompt


def dialect_notes(dialect: str) -> str:
    """A few lines on the dialect, by sqlglot's name; empty for one that has none."""
    return _notes().get(dialect, "")


@cache
def _notes() -> dict[str, str]:
    sections = f"\n{prompt('dialects').text}".split("\n## ")[1:]
    pairs = (section.partition("\n") for section in sections)
    return {name.strip(): text.strip() for name, _, text in pairs}
