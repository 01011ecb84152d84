"""Watches every prompt that any test sends: under the privacy level `schema` none holds a cell value of any table.

What counts as a cell value: a text in any table of the sample, as a whole, in whole words and any case, of at least
four letters or digits and at least one letter. Shorter ones ("DE", "M") and numbers are in any English text and
prove nothing. Not counted are values all of whose words stand in names or comments of the schema or in our own prompts,
("orders", "paid on time"): a model sees these words anyway. What a scripted model wrote itself is not ours to hide.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings

from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.introspection import read_schema
from apps.datasources.schema import Schema
from apps.knowledge.names import STOP_WORDS, lemma
from apps.llm.privacy import PrivacyLevel
from apps.llm.pseudonyms import LONGEST_VALUE_WORDS, stretches, words_of
from apps.queries.engines.model.hiding import PIECES
from apps.queries.prompts import FOLDER
from tests.model_server import ModelServer, Received

KEY = "sk-this-key-must-never-be-shown"
OTHERS = ("globex", "Globex", "charlie@", "alice@", "bob@")
PASSWORD = "a-password-of-the-cast"
LEAST_CHARACTERS = 4


def cell_values(file: Path) -> Iterator[str]:
    """All texts in the tables of an SQLite file."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in names:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            for column in columns:
                rows = connection.execute(
                    f'SELECT DISTINCT "{column}" FROM "{table}" WHERE typeof("{column}") = \'text\''
                )
                yield from (str(value) for (value,) in rows)


def schema_words(schema: Schema) -> set[str]:
    """All words that a model may see of a schema."""
    words: set[str] = set()
    for table in schema:
        texts = [table.full_name, table.comment]
        texts += [text for column in table.columns for text in (column.name, column.comment, column.native_type)]
        for text in texts:
            words.update(words_of(f"{PIECES.sub(' ', text)} {text}").split())
    return words


@dataclass(frozen=True)
class Sent:
    """A request as it came, with the privacy level of the installation at that moment."""

    body: dict[str, Any]
    level: str


@dataclass
class PromptWatch:
    """Values that no prompt may hold, and what was sent while a test ran."""

    values: Collection[str]
    plain_words: Collection[str]
    sent: list[Sent] = field(default_factory=list)

    @cached_property
    def forbidden(self) -> frozenset[str]:
        own = words_of(" ".join(path.read_text() for path in FOLDER.glob("*.md"))).split()
        plain = {lemma(word) for word in (*self.plain_words, *own, *STOP_WORDS)}
        return frozenset(
            words
            for words in map(words_of, self.values)
            if len(words.replace(" ", "")) >= LEAST_CHARACTERS
            and any(one.isalpha() for one in words)
            and not {lemma(word) for word in words.split()} <= plain
        )

    def values_in(self, text: str) -> set[str]:
        """The cell values that a text holds."""
        return {words for _, _, words in stretches(text, LONGEST_VALUE_WORDS) if words in self.forbidden}

    def leaks(self) -> list[str]:
        """Values in what was sent while models might see names and types only."""
        told = [text for one in self.sent if one.level == PrivacyLevel.SCHEMA for text in said_in(one.body)]
        return sorted({value for text in told for value in self.values_in(text)})

    def checked(self, settings: Any, *, tells_values: Callable[[], object]) -> Iterator[None]:
        """Around a test: fails it where a prompt of it held a value, a secret or another organization's name."""
        self.sent.clear()
        yield
        if self.sent:
            assert tells_values() or not self.leaks(), f"prompts told {self.leaks()}"
            everything = json.dumps([one.body for one in self.sent], ensure_ascii=False)
            assert not secrets_in(everything, settings)


@contextmanager
def watching(file: Path) -> Iterator[PromptWatch]:
    """Listens at every replay server until the context ends; `file` is the database whose values are looked for."""
    words = schema_words(read_schema(SourceAddress("watched", SourceKind.SQLITE, path=str(file))))
    watch, reply_to = PromptWatch(frozenset(cell_values(file)), words), ModelServer.reply_to

    def heard(server: ModelServer, request: Received) -> Any:
        watch.sent.append(Sent(request.body, str(django_settings.PARLEY.model_privacy)))
        return reply_to(server, request)

    ModelServer.reply_to = heard  # type: ignore[method-assign]
    try:
        yield watch
    finally:
        ModelServer.reply_to = reply_to  # type: ignore[method-assign]


def said_in(body: dict[str, Any]) -> Iterable[str]:
    """What we said in a request: not what the model said before."""
    for message in body.get("messages", ()):
        if message["role"] != "assistant":
            yield unquoted(str(message["content"]))
    embedded = body.get("input", ())
    yield from [embedded] if isinstance(embedded, str) else embedded


def unquoted(text: str) -> str:
    """Without the escapes that quoting adds, so that words stand as they are."""
    return text.replace("\\n", " ").replace("\\t", " ").replace('\\"', '"')


def secrets_in(prompt: str, settings: Any) -> list[str]:
    """What a prompt holds of the installation's secrets and places, of people, and of other organizations."""
    own = [settings.SECRET_KEY, *settings.CREDENTIALS_KEYS, KEY, *OTHERS, PASSWORD]
    for database in settings.DATABASES.values():
        own += [str(database[part]) for part in ("HOST", "PASSWORD") if database[part]]
    own += [folder.partition("=")[2] for folder in settings.SOURCE_FOLDERS]
    return [one for one in own if one in prompt]
