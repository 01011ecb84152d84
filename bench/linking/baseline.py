"""bm25s over the plain words of tables and columns, where it is installed: what the ranking is compared with."""

import importlib.util
import re
from functools import cache

from apps.datasources.schema import Schema

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Baseline:
    """One document a table: the words of its name and of its columns, cut at underscores and capitals."""

    def __init__(self, schema: Schema) -> None:
        import bm25s

        self._bm25s = bm25s
        self._names = [table.full_name for table in schema]
        documents = [_words(" ".join([table.name, *(column.name for column in table.columns)])) for table in schema]
        self._index = bm25s.BM25()
        self._index.index(documents, show_progress=False)

    @staticmethod
    @cache
    def is_there() -> bool:
        return importlib.util.find_spec("bm25s") is not None

    def tables_for(self, question: str, limit: int) -> list[str]:
        """The best tables by BM25."""
        known = [word for word in _words(question) if word in self._index.vocab_dict]
        if not known:
            return []
        most = min(limit, len(self._names))
        found, _ = self._index.retrieve([known], k=most, show_progress=False)
        return [self._names[number] for number in found[0]]


def _words(text: str) -> list[str]:
    return [word.lower().removesuffix("s") for word in _WORD.findall(text)]
