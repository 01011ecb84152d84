"""Words that add nothing once a name beside them is understood: units, verbs of having, second names in comments."""

from .dates import CREATION_VERBS
from .draft import Draft
from .happenings import event_columns
from .words import UNIT_WORDS, stem

HAVING = (
    frozenset(
        "have has had contain contains containing include includes belong belongs come comes came through "
        "via take took made make do did been being went go live lives living located based situated working work works "
        "supplied kind kinds name names named value values number numbers one ones single sold database".split()
    )
    | CREATION_VERBS
)
RELATING = frozenset(
    "published publish associated presented posted serving serve serves served taught teach teaches offer offers "
    "offered written wrote enrolled received receive earned titled "
    "called held owned owns produced operated played attended "
    "attend registered assigned related linked connected attached affiliated stored stocked provided occurred happened "
    "reported filed handled processed performed conducted hosted directed requested involved prescribed treated flow "
    "seen saw used associated corresponding respective".split()
)
"""Verbs that say no more than that the rows on both sides belong together."""
_LEAST_SHARED = 5


def take_neighbours(draft: Draft) -> None:
    """Take such words; what is left over afterwards stays unexplained."""
    words = draft.words
    comments = _comments(draft)
    names = _names(draft)
    tables = [draft.frame.base, *(related.table for _, related in draft.related)]
    for place in range(len(words)):
        if not words.is_free(place):
            continue
        said, lemma = words.lower(place), words.lemma(place)
        is_unit = any(sign in comments for sign in UNIT_WORDS.get(lemma, ()))
        shares = any(_shares_start(said, name) for name in names) and not words.tokens[place].is_capitalized
        if said == "new" and (draft.times or draft.unit or draft.pair):  # what came in that time
            words.take(place, place + 1)
        if said in RELATING and not event_columns(draft.catalog, said, tables):
            words.take(place, place + 1)
        if said in HAVING or is_unit or shares or _in_column_comment(draft, place):
            words.take(place, place + 1)


def _comments(draft: Draft) -> str:
    """What is said about the columns in use."""
    columns = [term.key for term in draft.frame.show] + [fact.term.key for fact in draft.facts]
    columns += [draft.frame.measure.column] if draft.frame.measure and draft.frame.measure.column else []
    return " ".join(f"{draft.catalog.columns[key].column.comment} {key[1]}" for key in columns).lower()


def _names(draft: Draft) -> set[str]:
    tables = [draft.frame.base, *(related.table for _, related in draft.related)]
    tables += [group.term.key[0] for group in draft.frame.groups]
    return {word for table in tables for word in draft.catalog.tables[table].words}


def _shares_start(said: str, name: str) -> bool:
    """ "supply" says no more than "supplier"."""
    return len(said) >= _LEAST_SHARED and len(name) >= _LEAST_SHARED and said[:_LEAST_SHARED] == name[:_LEAST_SHARED]


def _in_column_comment(draft: Draft, place: int) -> bool:
    """A word right after a column's name that its comment says too ("email address")."""
    word = stem(draft.words.lower(place))
    for named in draft.named:
        if named.mention.end == place and named.mention.columns:
            return any(word in _stems(draft.catalog.columns[key].column.comment) for key in named.mention.columns)
    return False


def _stems(comment: str) -> set[str]:
    return {stem(word.strip(".,;:()").lower()) for word in comment.split()}
