"""What else narrows the rows: codes, comparisons, missing values."""

from collections.abc import Sequence
from itertools import pairwise

from apps.clarification.readings import Choice, ChoiceField
from apps.knowledge.catalog import Kind
from apps.queries.engines.builtin.plan import ColumnKey, Operator

from .codes import Code, all_codes, null_words
from .dates import event_label
from .draft import Draft, Option, Role, key_words, spelled
from .frame import Fact, Term
from .mentions import event_columns
from .roles import comparison_at
from .words import Words


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


def add_comparisons(draft: Draft) -> None:
    """ "list price between 10 and 20", "rating above 4", "fewer units in stock than their reorder level"."""
    words = draft.words
    for named in draft.all(Role.PLAIN):
        mention = named.mention
        key = _own_column(draft, mention.columns)
        if key is None:
            continue
        place = mention.end
        while words.lower(place) in ("is", "are", "was", "were", "of", "that", "which", "has", "have"):
            place += 1
        if (
            words.lower(place) == "between"
            and words.number(place + 1) is not None
            and words.number(place + 3) is not None
        ):
            low, high = number_of(words.number(place + 1)), number_of(words.number(place + 3))
            words.take(place, place + 4)
            named.is_used = True
            draft.add_facts(mention.start, [Fact(Term(key), Operator.BETWEEN, (low, high))], key[0])
            draft.says(mention.start, f"with {key_words(draft.catalog, key)} between {low} and {high}")
        elif (found := comparison_at(words, place)) and words.number(found[0]) is not None:
            named.is_used = True
            number = number_of(words.number(found[0]))
            draft.add_facts(mention.start, [Fact(Term(key), found[1], number)], key[0])
            draft.says(mention.start, f"with {key_words(draft.catalog, key)} {words.text(place, found[0] + 1)}")
            words.take(place, found[0] + 1)
    _compare_columns(draft)


_UNEQUAL = {"different": Operator.NOT_EQUAL, "differs": Operator.NOT_EQUAL, "same": Operator.EQUAL}
_THAN = {
    "fewer": Operator.LESS,
    "less": Operator.LESS,
    "lower": Operator.LESS,
    "more": Operator.GREATER,
    "higher": Operator.GREATER,
}


def _compare_columns(draft: Draft) -> None:
    words = draft.words
    plain = [named for named in draft.named if named.mention.columns]
    for left_name, right_name in pairwise(plain):
        left, right = left_name.mention, right_name.mention
        between = [words.lower(place) for place in range(left.end, right.start)]
        before = words.lower(left.start - 1)
        operator = (
            _THAN.get(before)
            if "than" in between
            else next((_UNEQUAL[one] for one in between if one in _UNEQUAL), None)
        )
        near = _own_column(draft, left.columns)
        if operator is None or near is None:
            continue
        tables = [
            named.mention.tables[0]
            for named in draft.all(Role.PLAIN)
            if named.mention.start >= right.end and named.mention.tables
        ]
        far = next((key for key in right.columns if tables and key[0] == tables[0]), None) or _own_column(
            draft, right.columns
        )
        if far is None or far == near:
            continue
        left_name.is_used = right_name.is_used = True
        for named in draft.all(Role.PLAIN):
            named.is_used |= named.mention.tables[:1] == (far[0],)
        words.take(left.start - (before in _THAN), right.end)
        draft.facts.append(Fact(Term(near), operator, Term(far)))
        draft.says(left.start, f"whose {words.text(left.start, right.end)}")


def _own_column(draft: Draft, columns: Sequence[ColumnKey]) -> ColumnKey | None:
    """The base's column among several, else the only one."""
    own = [key for key in columns if key[0] == draft.frame.base]
    return own[0] if len(own) == 1 else (columns[0] if len(columns) == 1 else None)


def number_of(number: float | None) -> int | float:
    number = number or 0.0
    return int(number) if number == int(number) else number


def add_missing(draft: Draft, key: ColumnKey, place: int) -> None:
    """ "have no e-mail address"."""
    draft.add_facts(place, [Fact(Term(key), Operator.IS_NULL)], key[0])
    draft.says(place, f"without {key_words(draft.catalog, key)}")


def offer_scope(draft: Draft) -> None:
    """ "How many … do we have?" may mean those that are still there, or all on record."""
    words, frame = draft.words, draft.frame
    asks = any(words.says(place, "do", "we", "have") for place in range(len(words)))
    is_bare = not (draft.facts or draft.related or draft.forks or frame.groups or draft.times)
    key = still_there(draft) if asks and is_bare and frame.measure and not frame.measure.column else None
    if key is None:
        return
    phrase, event = draft.noun.removeprefix("Number of "), event_label(draft.catalog.columns[key]).lower()
    all_of_them = Choice(ChoiceField.SCOPE, phrase, "All on record", f"all rows of {key[0].rpartition('.')[2]}")
    present = Choice(ChoiceField.SCOPE, phrase, f"Not {event}", f"{spelled(key)} is empty")
    draft.forks.append(
        [Option(present, (Fact(Term(key), Operator.IS_NULL),), (len(words), f"not {event}")), Option(all_of_them)]
    )


def still_there(draft: Draft) -> ColumnKey | None:
    """The base's date whose absence means, as its comment says, that the row is still there."""
    for entry in draft.catalog.tables[draft.frame.base].columns:
        if entry.kind is Kind.DATE and "still" in null_words(entry):
            return entry.key
    return None
