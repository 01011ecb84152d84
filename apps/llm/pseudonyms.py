"""Placeholders for what a model may not be told, and the way back. No Django here.

One `Pseudonyms` serves one query over the calls of all its agents: the same value has the same placeholder in each.
"""

import re
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from sqlglot import exp

from apps.llm.personal_data import Found, Hidden, find_personal
from apps.llm.restored_sql import UnknownPlaceholder, restored_sql

__all__ = ["LONGEST_VALUE_WORDS", "Finder", "Pseudonym", "Pseudonyms", "UnknownPlaceholder"]
Finder = Callable[[str], Iterable[Found]]
Place = tuple[str, str]
LONGEST_VALUE_WORDS = 8
WORD = re.compile(r"\w+")
KINDS = "|".join(sorted(Hidden, key=len, reverse=True))
PLACEHOLDER = re.compile(rf"(?<![A-Za-z0-9_])(?:{KINDS})_\d+\w*", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.!?…;])\s+")


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """A placeholder and what it stands for. `said` is how the question says it, where it does; `places` hold it.

    `instead_of` names the placeholder in the question whose words may mean this value as well.
    """

    name: str
    kind: Hidden
    value: str
    said: str = ""
    places: tuple[Place, ...] = ()
    instead_of: str = ""


@dataclass
class Pseudonyms:
    """Hides values behind placeholders such as EMAIL_1 and puts them back.

    `finders` tell what is to be hidden in a text, beside personal data, which is found by its form. `taken` are names
    of tables and columns: never given out, never read as placeholders. `is_plain` says of a text (small letters, words
    with one space between) that it tells nothing, and so is not hidden where it merely stands in a sentence.

    What looks like a placeholder in a text that is hidden is hidden itself, so that whatever a model gives back was
    either given out here or made up. Texts of models are therefore restored before they are hidden again.
    """

    finders: tuple[Finder, ...] = ()
    taken: Collection[str] = frozenset()
    is_plain: Callable[[str], bool] = lambda _: False
    _by_name: dict[str, Pseudonym] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _by_words: dict[str, str] = field(default_factory=dict)
    _counts: dict[Hidden, int] = field(default_factory=lambda: defaultdict(int))
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def given(self) -> tuple[Pseudonym, ...]:
        """All placeholders so far, in the order in which they were given out."""
        return tuple(self._by_name.values())

    def hide(
        self,
        value: str,
        kind: Hidden = Hidden.VALUE,
        *,
        said: str = "",
        places: Collection[Place] = (),
        instead_of: str = "",
    ) -> str:
        """The placeholder for exactly this value, the one that it has or a new one."""
        with self._lock:  # agents may ask at the same time
            name = self._names.get(value)
            if name is None:
                name = self._new_name(kind)
                self._by_name[name] = Pseudonym(name, kind, value, said, tuple(places), instead_of)
                self._names[value] = name
                self._by_words.setdefault(words_of(value), name)
            known = self._by_name[name]
            both = tuple(dict.fromkeys((*known.places, *places)))
            self._by_name[name] = replace(known, said=known.said or said, places=both)
        return name

    def hide_known(self, text: str) -> str:
        """The text with a placeholder for each value that is hidden already, that is found, or that is personal."""
        return self._replaced(text, [one for finder in self.finders for one in finder(text)])

    def hide_forms(self, text: str) -> str:
        """The same by the form of texts and by what is hidden already, without a search: for many short texts."""
        return self._replaced(text, ())

    def _replaced(self, text: str, searched: Iterable[Found]) -> str:
        parts, end = [], 0
        for found in self._spans(text, searched):
            said = text[found.start : found.end]
            name = self.hide(found.value, found.kind, said=said, places=found.places)
            for other in found.others:
                self.hide(other.value, other.kind, places=other.places, instead_of=name)
            parts += [text[end : found.start], name]
            end = found.end
        return "".join([*parts, text[end:]])

    def restore(self, text: str, *, as_said: bool = False) -> str:
        """The text with the values back in it, in the question's own spelling with `as_said`; an unknown one stays."""

        def back(match: re.Match[str]) -> str:
            known = self._by_name.get(match[0].upper())
            return match[0] if known is None else (as_said and known.said) or known.value

        return PLACEHOLDER.sub(back, text)

    def restore_sentences(self, text: str) -> str:
        """The same without the sentences that hold a placeholder which was never given out."""
        kept = [one for one in SENTENCE.split(text) if not self.unknown_in(one)]
        return self.restore(" ".join(kept))

    def restore_sql(self, tree: exp.Expr) -> exp.Expr:
        """A copy of the tree with the values in its literals.

        Raises: UnknownPlaceholder for one that was never given out, or that stands where no value may.
        """
        return restored_sql(tree, self._value_of, self.placeholders_in)

    def unknown_in(self, text: str) -> list[str]:
        """What looks like a placeholder there and is none of ours."""
        return [one for one in self.placeholders_in(text) if one.upper() not in self._by_name]

    def placeholders_in(self, text: str) -> list[str]:
        """What looks like a placeholder, as it is written there."""
        return [one for one in PLACEHOLDER.findall(text) if one.casefold() not in self.taken]

    def _value_of(self, name: str) -> tuple[str, Hidden] | None:
        known = self._by_name.get(name.upper())
        return None if known is None else (known.value, known.kind)

    def _new_name(self, kind: Hidden) -> str:
        while True:
            self._counts[kind] += 1
            name = f"{kind}_{self._counts[kind]}"
            if name.casefold() not in self.taken:
                return name

    def _spans(self, text: str, searched: Iterable[Found]) -> list[Found]:
        """What is to be hidden in the text, in its order: the longest of those that overlap."""
        found = [*self._look_alikes(text), *searched, *find_personal(text), *self._known(text)]
        chosen: list[Found] = []
        covered = bytearray(len(text))
        for one in sorted(found, key=lambda one: one.start - one.end):
            if not any(covered[one.start : one.end]):
                covered[one.start : one.end] = b"\1" * (one.end - one.start)
                chosen.append(one)
        return sorted(chosen, key=lambda one: one.start)

    def _look_alikes(self, text: str) -> Iterator[Found]:
        for match in PLACEHOLDER.finditer(text):
            if match[0].casefold() not in self.taken:
                yield Found(match.start(), match.end(), Hidden.VALUE, match[0])

    def _known(self, text: str) -> Iterator[Found]:
        """Where a value that is hidden already stands, as whole words: the one spelled so, else one in another case."""
        if not self._by_words:
            return
        for start, end, words in stretches(text):
            name = self._names.get(text[start:end]) or self._by_words.get(words)
            if name is not None and not self.is_plain(words):
                known = self._by_name[name]
                yield Found(start, end, known.kind, known.value)


def stretches(text: str, longest: int = LONGEST_VALUE_WORDS) -> Iterator[tuple[int, int, str]]:
    """All stretches of up to so many words: where they begin and end, and their words."""
    words = list(WORD.finditer(text))
    keys = [words_of(one[0]) for one in words]
    for start in range(len(words)):
        for last in range(start, min(start + longest, len(words))):
            yield words[start].start(), words[last].end(), " ".join(keys[start : last + 1])


def words_of(text: str) -> str:
    """Its words in small letters without accents, one space between: what two spellings of a value share."""
    if not text.isascii():
        text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(WORD.findall(text.lower()))
