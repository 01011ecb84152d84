"""Names and values that the question says, each with every table or column it may mean."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.knowledge.catalog import Catalog, ColumnEntry, Kind
from apps.knowledge.linking import ROOT, Link
from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import TokenKind
from apps.queries.engines.builtin.analysis import Analysis, SpanKind, ValueSpan
from apps.queries.engines.builtin.plan import ColumnKey

from .codes import all_codes
from .dates import CREATION_VERBS, DATE_WORDS
from .times import UNITS
from .words import Words, is_unit, stem

MIN_EXACT = 0.95
ROLE_WORDS = frozenset(
    [
        "total",
        "sum",
        "average",
        "mean",
        "overall",
        "combined",
        "number",
        "count",
        "many",
        "much",
        "most",
        "fewest",
        "least",
        "highest",
        "lowest",
        "largest",
        "smallest",
        "biggest",
        "top",
        "maximum",
        "minimum",
        "max",
        "min",
        "first",
        "last",
    ]
)
NO_VALUES = frozenset(
    [
        "no",
        "not",
        "never",
        "none",
        "without",
        "belong",
        "belongs",
        "contain",
        "contains",
        "include",
        "includes",
        "open",
        "have",
        "has",
        "had",
        "new",
        "old",
    ]
)
LEAST_QUALITY, LEAST_COVERED, SLACK = 0.62, 0.75, 0.12
LEAST_VALUE_SCORE = 0.7
_MISHEARD_VALUE = 0.7
_COMMENT_NOUN_SKIPS = frozenset(
    ["number", "total", "value", "amount", "day", "date", "name", "first", "last", "true", "false", "lines"]
) - {"lines"}


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens that name tables or columns."""

    start: int
    end: int
    tables: tuple[str, ...] = ()
    columns: tuple[ColumnKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A stored value said: each column that holds it, with the stored spelling."""

    start: int
    end: int
    text: str
    places: tuple[tuple[ColumnKey, str], ...]


def find_values(analysis: Analysis, words: Words) -> list[Said]:
    """Values word for word, then near spellings of what stands in capitals; their words are taken."""
    found: list[Said] = []
    spans = [span for span in analysis.spans if span.kind is SpanKind.TEXT]
    for span in sorted(spans, key=lambda one: (-(one.end - one.start), one.start)):
        if not words.is_free(span.start, span.end) or _is_ordinary(analysis, words, span.start, span.end):
            continue
        said = _longer(analysis, words, span.start, span.end) or Said(
            span.start, span.end, words.text(span.start, span.end), _places(analysis, span)
        )
        if said.places:
            words.take(said.start, said.end)
            found.append(said)
    return sorted(found, key=lambda one: one.start)


def _places(analysis: Analysis, span: ValueSpan) -> tuple[tuple[ColumnKey, str], ...]:
    """Where a span's value stands; every value that contains the words, where none is spelled like them."""
    if not span.matches:
        return ()
    if max(score for _, _, score in span.matches) >= MIN_EXACT:
        return tuple((key, value) for key, value, score in span.matches if score >= MIN_EXACT)
    found = analysis.context.values.find(span.text, limit=8)
    best = max((match.score for match in found), default=0.0)
    begun = f"{span.text.lower()} "
    near = [match for match in found if match.score >= max(LEAST_VALUE_SCORE, best - 0.02)]
    kept = [match for match in found if match.value.lower().startswith(begun)] or [
        match for match in near if begun.strip() not in match.value.lower()
    ]
    entries = [(analysis.catalog.column(match.table, match.column), match.value) for match in kept]
    return tuple((entry.key, value) for entry, value in entries if entry)


def _is_ordinary(analysis: Analysis, words: Words, start: int, end: int) -> bool:
    """A single lower-case word that names a table or column, or a number's word, is no value here."""
    token = words.tokens[start]
    if end - start > 1 or token.kind is not TokenKind.WORD:
        return False
    if token.number is not None:
        return True
    if token.is_capitalized:
        return False
    said = token.text.lower()
    if said in ROLE_WORDS or said in NO_VALUES or said in CREATION_VERBS:
        return True
    is_label = any(code.words == (said,) for code in all_codes(analysis.catalog))
    is_named = analysis.best_quality.get(start, 0.0) >= LEAST_QUALITY
    return is_label or is_named or is_unit(token.lemma) or bool(event_columns(analysis.catalog, said))


def _longer(analysis: Analysis, words: Words, start: int, end: int) -> Said | None:
    """The same value with what follows its comma ("Crepe Pan, copper"), spelled nearly."""
    if words.lower(end) != ",":
        return None
    for last in range(min(end + 4, len(words)), end + 1, -1):
        matches = analysis.context.values.find(words.text(start, last), limit=6)
        best = max((match.score for match in matches), default=0.0)
        kept = [match for match in matches if match.score >= max(_MISHEARD_VALUE, best - 0.01)]
        if kept:
            keys = ((analysis.catalog.column(match.table, match.column), match.value) for match in kept)
            return Said(
                start, last, words.text(start, last), tuple((entry.key, value) for entry, value in keys if entry)
            )
    return None


def find_mentions(analysis: Analysis, words: Words) -> list[Mention]:
    """Names of tables and columns, longest first where they overlap, then nouns that only comments name."""
    stretches: dict[tuple[int, int], tuple[list[str], list[ColumnKey], float]] = {}
    labelled = _labelled(analysis.catalog, words)
    for link in sorted(analysis.links, key=lambda one: -one.quality):
        if link.quality < LEAST_QUALITY or link.covered < LEAST_COVERED or not words.is_free(link.start, link.end):
            continue
        inside = [words.lower(place) for place in range(link.start, link.end)]
        if link.way < 1 and not labelled.isdisjoint(range(link.start, link.end)):
            continue
        if words.lemma(link.start) in UNITS and words.number(link.start - 1) is not None:  # "20 days"
            continue
        if len(inside) == 1 and _names_event(analysis.catalog, link, inside[0]):  # "shipped" is an event, not a column
            continue
        gives_role = len(inside) == 1 or link.way < 1 or "of" in inside
        if (
            link.way == ROOT or (gives_role and any(word in ROLE_WORDS for word in inside)) or inside[0] in NO_VALUES
        ):  # "publisher" is no publication
            continue
        tables, columns, best = stretches.get((link.start, link.end), ([], [], 0.0))
        if link.quality < best - SLACK:
            continue
        if link.column is None:
            tables.append(link.table)
        elif not _is_key(analysis.catalog.columns[(link.table, link.column)]):
            columns.append((link.table, link.column))
        stretches[(link.start, link.end)] = (tables, columns, max(best, link.quality))
    for start, name in _silent_tables(analysis.catalog, words):
        tables, columns, _ = stretches.get((start, start + 1), ([], [], 0.0))
        stretches[(start, start + 1)] = ([*tables, name], columns, 1.0)
    for start, end, key in _word_for_word(analysis.catalog, words):
        tables, columns, _ = stretches.get((start, end), ([], [], 0.0))
        if key not in columns:
            columns.append(key)
        stretches[(start, end)] = (tables, columns, 1.0)
    found: list[Mention] = []
    ranked = sorted(stretches.items(), key=lambda one: (one[0][0] - one[0][1], -one[1][2]))
    for (start, end), (tables, columns, _) in ranked:
        if (tables or columns) and words.is_free(start, end):
            words.take(start, end)
            found.append(Mention(start, end, tuple(tables), tuple(columns)))
    found.extend(_by_comments(analysis.catalog, words))
    return sorted(found, key=lambda one: one.start)


def _names_event(catalog: Catalog, link: Link, word: str) -> bool:
    return link.column is not None and (link.table, link.column) in event_columns(catalog, word, [link.table])


def _labelled(catalog: Catalog, words: Words) -> set[int]:
    """Places of codes' labels of several words, which no other name of a single one of them should take."""
    found: set[int] = set()
    for code in all_codes(catalog):
        length = len(code.words)
        for place in range(len(words) - length + 1) if length > 1 else ():
            if words.says(place, *code.words):
                found.update(range(place, place + length))
    return found


def _silent_tables(catalog: Catalog, words: Words) -> Iterator[tuple[int, str]]:
    """Tables named by a word that elsewhere says nothing ("returns"), unless it opens the question as a command."""
    for name, entry in catalog.tables.items():
        if len(entry.words) == 1 and entry.words[0] in STOP_WORDS:
            yield from (
                (place, name)
                for place in range(1, len(words))
                if words.lemma(place) == entry.words[0] and words.is_free(place)
            )


def _word_for_word(catalog: Catalog, words: Words) -> Iterator[tuple[int, int, ColumnKey]]:
    """Names of several words said exactly, even with words that say nothing by themselves ("list price")."""
    places: dict[str, list[int]] = {}
    for place in range(len(words)):
        places.setdefault(words.lemma(place), []).append(place)
    for key, entry in catalog.columns.items():
        if len(entry.words) < 2 or _is_key(entry):
            continue
        for start in places.get(entry.words[0], ()):
            end = start + len(entry.words)
            if words.is_free(start, end) and all(
                words.lemma(start + at) == word for at, word in enumerate(entry.words)
            ):
                yield start, end, key


def _is_key(entry: ColumnEntry) -> bool:
    """Keys are numbers that nobody means; foreign keys that are names stay."""
    return (entry.is_primary or entry.is_foreign or entry.is_id) and entry.kind is Kind.NUMBER


def _by_comments(catalog: Catalog, words: Words) -> Iterator[Mention]:
    nouns = comment_nouns(catalog)
    for place in range(len(words)):
        token = words.tokens[place]
        if token.kind is TokenKind.WORD and words.is_free(place) and token.lemma in nouns:
            tables, columns = nouns[token.lemma]
            words.take(place, place + 1)
            yield Mention(place, place + 1, tuple(tables), tuple(columns))


def comment_nouns(catalog: Catalog) -> dict[str, tuple[list[str], list[ColumnKey]]]:
    """What a comment begins with is another name: "Pieces ordered" of a quantity, "The lines of orders" of a table."""
    nouns: dict[str, tuple[list[str], list[ColumnKey]]] = {}
    for table in catalog.tables.values():
        if noun := _first_noun(table.table.comment):
            nouns.setdefault(noun, ([], []))[0].append(table.name)
        for column in table.columns:
            if column.kind is Kind.NUMBER and not _is_key(column) and (noun := _first_noun(column.column.comment)):
                nouns.setdefault(noun, ([], []))[1].append(column.key)
    return nouns


def _first_noun(comment: str) -> str | None:
    from apps.knowledge.tokens import tokenize

    content = [
        token for token in tokenize(comment[:60])[:4] if token.kind is TokenKind.WORD and token.lemma not in STOP_WORDS
    ]
    if not content or content[0].lemma in _COMMENT_NOUN_SKIPS or not content[0].text.lower().endswith("s"):
        return None
    return content[0].lemma


def event_columns(catalog: Catalog, word: str, tables: Iterable[str] | None = None) -> list[ColumnKey]:
    """Date columns that a verb or its noun names: "shipped" and "shipping" name `shipped_at`."""
    wanted = stem(_IRREGULAR.get(word, word))
    names = catalog.tables if tables is None else tables
    return [
        column.key
        for table in names
        for column in catalog.tables[table].columns
        if column.kind is Kind.DATE and wanted in {stem(part) for part in column.words if part not in DATE_WORDS}
    ]


_IRREGULAR = {
    "leave": "left",
    "leaving": "left",
    "leaves": "left",
    "departed": "left",
    "pay": "paid",
    "pays": "paid",
    "send": "sent",
    "sell": "sold",
    "began": "begin",
    "begun": "begin",
    "birth": "born",
    "joined": "hired",
    "sign": "signed",
}
