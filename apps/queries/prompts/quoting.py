"""What others wrote, as a model gets to see it: inside JSON strings that cannot be left."""

import json

LONGEST_QUOTE = 300


def quoted(text: str, *, longest: int = LONGEST_QUOTE) -> str:
    """The text as a JSON string on one line; no tag can be opened or closed from within."""
    short = text if len(text) <= longest else text[:longest] + "…"
    return json.dumps(short, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
