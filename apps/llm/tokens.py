"""How many tokens a text has at most, without a tokenizer at hand. No Django here."""

BYTES_PER_TOKEN = 3


def bounded_tokens(text: str) -> int:
    """No fewer than any common tokenizer counts for prose, code and SQL, measured in bytes of UTF-8."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)
