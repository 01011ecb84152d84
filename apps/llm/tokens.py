"""How many tokens a text has: exactly where the model's tokenizer is at hand, at most otherwise. No Django here."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from apps.common.errors import AppError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

log = structlog.get_logger(__name__)

BYTES_PER_TOKEN = 3
LARGEST_TOKENIZER_BYTES = 64 * 1024 * 1024
KEPT_TOKENIZERS = 4  # one of 150,000 tokens takes 100 MiB and 0.4 s to load


class TokenizerBroken(AppError):
    """A file that should count tokens cannot; the message names the file, so it is for operators."""

    code = "tokenizer_broken"
    status = 500


def bounded_tokens(text: str) -> int:
    """No fewer than any common tokenizer counts for prose, code and SQL, measured in bytes of UTF-8."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def count_tokens(text: str, tokenizer_path: str) -> int:
    """How many tokens the tokenizer.json at that path makes of the text; the bound without a path or a usable file.

    Tokens that an endpoint puts around a message are not counted: they are a handful each.
    """
    if not tokenizer_path:
        return bounded_tokens(text)
    try:
        tokenizer = load_tokenizer(tokenizer_path)
    except TokenizerBroken as error:
        log.debug("tokenizer_broken", error=error.message)  # for each text; `doctor` says it aloud
        return bounded_tokens(text)
    clean = text.encode("utf-8", "replace").decode()  # it panics at lone surrogates
    return len(tokenizer.encode(clean, add_special_tokens=False))


def load_tokenizer(path: str) -> "Tokenizer":
    """The tokenizer of a file, read again when it changes. Raises TokenizerBroken naming the file."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:
        raise TokenizerBroken(f"The tokenizer file {path} cannot be read.") from error
    tokenizer = _loaded(path, status.st_mtime_ns, status.st_size)
    if tokenizer is None:
        raise TokenizerBroken(f"The tokenizer file {path} is no tokenizer.json.")
    return tokenizer


@lru_cache(maxsize=KEPT_TOKENIZERS)
def _loaded(path: str, changed_ns: int, size: int) -> "Tokenizer | None":
    """None for a file of no use, so that it is not read anew with each text."""
    from tokenizers import Tokenizer  # 28 ms and 4 MiB that most processes never need

    if size > LARGEST_TOKENIZER_BYTES:
        return None
    try:
        tokenizer = Tokenizer.from_file(path)
    except Exception:  # the package raises bare Exceptions
        log.warning("tokenizer_broken", path=path, exc_info=True)
        return None
    tokenizer.no_truncation()  # a file may bring both, and a count must be of all of the text and nothing else
    tokenizer.no_padding()
    return tokenizer
