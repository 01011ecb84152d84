"""Columns compared with numbers, with the average, with a row's superior, with other columns."""

from collections.abc import Sequence
from itertools import pairwise

from apps.knowledge.catalog import Kind
from apps.queries.engines.builtin.plan import Aggregate, ColumnKey, Operator

from .adjectives import column_for, comparative_at
from .comparison_words import comparison_at
from .draft import Draft, Named, NotUnderstood, Role, key_words
from .frame import Fact, Others, Term
from .mentions import Mention
from .values_said import is_denied
from .words import plain_number

_LINKS = frozenset("is are was were of that which has have had it a the an their its".split())
_UNEQUAL = {"different": Operator.NOT_EQUAL, "differs": Operator.NOT_EQUAL, "same": Operator.EQUAL}
_THAN = {
    "fewer": Operator.LESS,
    "less": Operator.LESS,
    "lower": Operator.LESS,
    "more": Operator.GREATER,
    "higher": Operator.GREATER,
}
_LATER = {"after": Operator.GREATER, "before": Operator.LESS}


def add_comparisons(draft: Draft) -> None:
    """ "list price between 10 and 20", "rating above 4", "fewer units in stock than their reorder level"."""
    for named in [one for one in draft.named if one.role in (Role.PLAIN, Role.COMPARED)]:
        key = own_column(draft, named.mention.columns)
        if key is None or named.is_used:
            continue
        if named.role is Role.COMPARED:
            _counted_column(draft, named, key)
        else:
            _compare(draft, named, named.term or Term(key), named.mention.end)
    _compare_adjectives(draft)
    _compare_columns(draft)


def _counted_column(draft: Draft, named: Named, key: ColumnKey) -> None:
    """ "more than 20 credits", "at least 10 units in stock": the number stands before the name."""
    if key[0] != draft.frame.base or named.operator is None or named.number is None:
        return
    named.is_used = True
    draft.add_facts(named.mention.start, [Fact(Term(key), named.operator, named.number)], key[0])
    draft.says(named.mention.start, f"with {key_words(draft.catalog, key)} {named.operator} {named.number}")


def _compare(draft: Draft, named: Named, term: Term, place: int) -> None:
    """A number, two, the average or a superior's, that stands after the name."""
    words, start = draft.words, named.mention.start
    while words.lower(place) in _LINKS:
        place += 1
    said = key_words(draft.catalog, term.key)
    numbers = words.number(place + 1), words.number(place + 3)
    is_number = draft.catalog.columns[term.key].kind is Kind.NUMBER
    if words.lower(place) == "between" and is_number and numbers[0] is not None and numbers[1] is not None:
        low, high = plain_number(numbers[0]), plain_number(numbers[1])
        words.take(place, place + 4)
        named.is_used = True
        draft.add_facts(start, [Fact(term, Operator.BETWEEN, (low, high))], term.key[0])
        draft.says(start, f"with {said} between {low} and {high}")
        return
    found = comparison_at(words, place)
    if found is None and place == named.mention.end and words.number(place) is not None:  # "grade level 7"
        found = place, Operator.EQUAL
    if found is None or draft.catalog.columns[term.key].kind is not Kind.NUMBER:
        return
    number = words.number(found[0])
    if found[1] is Operator.EQUAL and found[0] == place:
        _check_owner(draft, named, term)
        found = place, Operator.NOT_EQUAL if is_denied(draft, start) else Operator.EQUAL
    if number is not None:
        named.is_used = True
        draft.add_facts(start, [Fact(term, found[1], plain_number(number))], term.key[0])
        draft.says(start, f"with {said} {words.text(place, found[0] + 1)}")
        words.take(place, found[0] + 1)
    elif others := _others_at(draft, found[0], term.key):
        named.is_used = True
        value, end = others
        draft.add_facts(start, [Fact(term, found[1], value)], term.key[0])
        draft.says(start, f"with {said} {words.text(place, end)}")
        words.take(place, end)


def _check_owner(draft: Draft, named: Named, term: Term) -> None:
    """ "the document with id 4": the column of the rows named right before. Raises NotUnderstood for another's."""
    near = [one for one in draft.named if one.mention.tables and 0 <= named.mention.start - one.mention.end <= 2]
    if near and term.key[0] not in near[-1].mention.tables:
        raise NotUnderstood("whose column?")


def _others_at(draft: Draft, place: int, key: ColumnKey) -> tuple[Term, int] | None:
    """ "the average", "the average of their department", "their manager": what other rows give, and where it ends."""
    words = draft.words
    while words.lower(place) in _LINKS:
        place += 1
    if words.lower(place) not in ("average", "mean"):
        pointed = next((one for one in draft.named if one.mention.start == place and one.mention.pointer), None)
        if pointed is None or pointed.mention.pointer is None or pointed.mention.pointer.key[0] != key[0]:
            return None
        pointed.is_used = True
        return pointed.mention.pointer.reads(key), _after(draft, pointed.mention.end, key)
    end = place + 1
    per: ColumnKey | None = None
    for named in draft.named:
        mention = named.mention
        gap = [words.lower(at) for at in range(end, mention.start)]
        if mention.start < end or not set(gap) <= _LINKS | {"for", "in", "all", "across", "within", "same"}:
            continue
        is_each = {"their", "its", "same"} & set(gap)
        if is_each:
            per = _partition(draft, mention, key[0])
        elif key not in mention.columns and key[0] not in mention.tables:
            break
        named.is_used = True
        end = mention.end
        words.take(mention.start, end)
    if any(0 < said.start - end <= 3 and end > place + 1 for said in draft.values):
        raise NotUnderstood("the average of which rows?")
    mean = Others(Aggregate.AVG, per, per)
    whole = " ".join(draft.catalog.tables[key[0]].words)
    draft.assumptions.append(f"The average is taken over all rows of {whole}." if per is None else "")
    draft.assumptions = [one for one in draft.assumptions if one]
    return Term(key, others=mean), end


def _after(draft: Draft, end: int, key: ColumnKey) -> int:
    """The end of "their manager's salary" or "their manager does"."""
    for named in draft.named:
        if 0 <= named.mention.start - end <= 1 and key in named.mention.columns:
            named.is_used = True
            return named.mention.end
    return end + (draft.words.lower(end) in ("does", "do", "earns", "is"))


def _partition(draft: Draft, mention: Mention, table: str) -> ColumnKey:
    """The column that rows of one group share: the table's own, or the key to the table named. Raises NotUnderstood."""
    own = [key for key in mention.columns if key[0] == table]
    if len(own) == 1:
        return own[0]
    keys = draft.catalog.tables[table].table.foreign_keys
    leading = [key for key in keys if key.target_table in mention.tables and len(key.columns) == 1]
    if len(leading) != 1:
        raise NotUnderstood("the average of what?")
    return (table, leading[0].columns[0])


def _compare_adjectives(draft: Draft) -> None:
    """ "more expensive than the average", "cheaper than 10"."""
    words = draft.words
    for place in range(len(words)):
        found = comparative_at(words, place) if words.is_free(place) else None
        column = column_for(draft, draft.frame.base, found[0]) if found else None
        if found is None or column is None:
            continue
        _, operator, end = found
        number, others = words.number(end), None
        if number is None:
            others = _others_at(draft, end, column.key)
            if others is None:
                continue
        value = others[0] if others else plain_number(number)
        last = others[1] if others else end + 1
        draft.add_facts(place, [Fact(Term(column.key), operator, value)], column.key[0])
        draft.says(place, words.text(place, last))
        words.take(place, last)


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
        near = own_column(draft, left.columns)
        if operator is None or near is None or left_name.is_used:
            continue
        tables = [
            named.mention.tables[0]
            for named in draft.all(Role.PLAIN)
            if named.mention.start >= right.end and named.mention.tables
        ]
        far = next((key for key in right.columns if tables and key[0] == tables[0]), None) or own_column(
            draft, right.columns
        )
        if far is None or far == near:
            continue
        left_name.is_used = right_name.is_used = True
        for named in draft.all(Role.PLAIN):
            named.is_used |= named.mention.tables[:1] == (far[0],)
        words.take(left.start - (before in _THAN), right.end)
        draft.add_facts(left.start, [Fact(Term(near), operator, Term(far))], near[0])
        draft.says(left.start, f"whose {words.text(left.start, right.end)}")


def event_compared(draft: Draft, place: int, key: ColumnKey) -> Fact | None:
    """ "delivered after their promised date": a verb's date against another date of the same row."""
    words = draft.words
    operator = _LATER.get(words.lower(place + 1))
    if operator is None:
        return None
    for named in draft.named:
        gap = [words.lower(at) for at in range(place + 2, named.mention.start)]
        dates = [one for one in named.mention.columns if one[0] == key[0]]
        dates = [one for one in dates if draft.catalog.columns[one].kind is Kind.DATE]
        if named.mention.start >= place + 2 and set(gap) <= _LINKS and len(dates) == 1 and dates[0] != key:
            named.is_used = True
            words.take(place + 1, named.mention.end)
            return Fact(Term(key), operator, Term(dates[0]))
    return None


def own_column(draft: Draft, columns: Sequence[ColumnKey]) -> ColumnKey | None:
    """The base's column among several, else the only one."""
    own = [key for key in columns if key[0] == draft.frame.base]
    return own[0] if len(own) == 1 else (columns[0] if len(columns) == 1 else None)
