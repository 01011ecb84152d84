"""What else narrows the rows: codes, comparisons, missing values."""

from collections.abc import Sequence

from apps.clarification.readings import Choice, ChoiceField
from apps.knowledge.catalog import Kind
from apps.queries.engines.builtin.plan import ColumnKey, Operator

from .codes import Code, all_codes, null_words
from .dates import event_label
from .draft import Draft, Option, key_words, spelled
from .frame import Fact, Term
from .happenings import event_columns, not_yet
from .words import Words, stem


def add_codes(draft: Draft, tables: Sequence[str]) -> None:
    """Labels that comments give to codes of these tables."""
    for code in all_codes(draft.catalog):
        if code.column[0] not in tables:
            continue
        place = _place_of(code, draft.words)
        if place is None or (len(code.words) == 1 and _is_timed_event(draft, code, place)):
            continue
        end = place + len(code.words)
        start = place - 1 if draft.words.lower(place - 1) == "status" else place
        draft.words.take(start, end)
        for named in draft.named:
            named.is_used |= named.mention.end == place and code.column in named.mention.columns
        negated = draft.words.lower(place - 1) == "not"
        draft.words.take(place - negated, place)
        operator = Operator.NOT_EQUAL if negated else Operator.EQUAL
        draft.add_facts(place, [Fact(Term(code.column), operator, code.value)], code.column[0])
        draft.says(place, f"{'not ' if operator is Operator.NOT_EQUAL else ''}{code.label}")
        draft.assumptions.append(f"“{draft.words.text(place, end)}” means {spelled(code.column)} = {code.value!r}.")


def code_places(draft: Draft) -> set[int]:
    """Places of words that some code's label says, wherever the code belongs."""
    found: set[int] = set()
    for code in all_codes(draft.catalog):
        place = _place_of(code, draft.words)
        if place is not None:
            found.update(range(place, place + len(code.words)))
    return found


def _place_of(code: Code, words: Words) -> int | None:
    for place in range(len(words)):
        end = place + len(code.words)
        said = tuple(words.lower(index) for index in range(place, end))
        if said == code.words and words.is_free(place, end):
            return place
    return None


def _is_timed_event(draft: Draft, code: Code, place: int) -> bool:
    """Whether a date of the same table tells of it too: then a date, not the present state, is meant."""
    return bool(event_columns(draft.catalog, draft.words.lower(place), [code.column[0]]))


def add_not_yet(draft: Draft) -> None:
    """ "unpaid", "open": what has not happened, where a date tells when it did."""
    words = draft.words
    for place in range(len(words)):
        key = not_yet(draft.catalog, words.lower(place), draft.frame.base) if words.is_free(place) else None
        if key is not None:
            words.take(place, place + 1)
            draft.add_facts(place, [Fact(Term(key), Operator.IS_NULL)], key[0])
            draft.says(place, words.lower(place))
            draft.assumptions.append(f"“{words.text(place, place + 1)}” means that {spelled(key)} is empty.")


def add_unrated(draft: Draft) -> None:
    """ "have not been rated yet": a verb that names a column which is empty so long."""
    words = draft.words
    for place in range(2, len(words)):
        before = {words.lower(place - back) for back in (1, 2)}
        if not words.is_free(place) or "been" not in before or not words.lower(place).endswith("ed"):
            continue
        wanted = stem(words.lower(place))
        columns = [one for one in draft.catalog.tables[draft.frame.base].columns if one.column.nullable]
        found = [one for one in columns if one.kind is not Kind.DATE and wanted in {stem(word) for word in one.words}]
        denial = next((back for back in (1, 2, 3) if words.lower(place - back) in ("not", "never")), None)
        if len(found) == 1 and denial:
            words.take(place - denial, place + 1)
            add_missing(draft, found[0].key, place)


def add_missing(draft: Draft, key: ColumnKey, place: int) -> None:
    """ "have no e-mail address"."""
    draft.add_facts(place, [Fact(Term(key), Operator.IS_NULL)], key[0])
    draft.says(place, f"without {key_words(draft.catalog, key)}")


def offer_scope(draft: Draft) -> None:
    """ "How many … do we have?" may mean those that are still there, or all on record."""
    words, frame = draft.words, draft.frame
    asks = any(words.says(place, "do", "we", "have") for place in range(len(words)))
    is_bare = not (draft.related or draft.forks or frame.groups or draft.times)
    key = still_there(draft) if asks and is_bare and frame.measure and not frame.measure.column else None
    if key is None or any(fact.term.key == key for fact in draft.facts):
        return
    phrase, event = draft.noun.removeprefix("Number of "), event_label(draft.catalog.columns[key]).lower()
    every, wording = f"all rows of {key[0].rpartition('.')[2]}", "Which {phrase} count?"
    all_of_them = Choice(ChoiceField.SCOPE, phrase, "All on record", every, wording)
    present = Choice(ChoiceField.SCOPE, phrase, f"Not {event}", f"{spelled(key)} is empty", wording)
    draft.forks.append(
        [Option(present, (Fact(Term(key), Operator.IS_NULL),), (len(words), f"not {event}")), Option(all_of_them)]
    )


def still_there(draft: Draft) -> ColumnKey | None:
    """The base's date whose absence means, as its comment says, that the row is still there."""
    for entry in draft.catalog.tables[draft.frame.base].columns:
        if entry.kind is Kind.DATE and "still" in null_words(entry):
            return entry.key
    return None
