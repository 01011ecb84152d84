"""Measures under a word that only their comments say, such as revenue: which of them is an open point."""

from apps.clarification.readings import Choice, ChoiceField
from apps.knowledge.catalog import ColumnEntry
from apps.queries.engines.builtin.plan import Aggregate

from .draft import Draft, spelled
from .frame import Frame, Measure, Term
from .measures import named_in_comments
from .quantities import finish

Commented = list[tuple[ColumnEntry, str]]


def commented_measure(draft: Draft) -> bool:
    """A word that only comments of measures explain, such as revenue."""
    words = draft.words
    for place in range(len(words)):
        found = named_in_comments(draft.catalog, words.lemma(place)) if words.is_free(place) else []
        if not found or not (draft.times or draft.unit or len(words) < 8):
            continue
        found = _told_apart(draft, place, found)
        words.take(place, place + 1)
        word = words.text(place, place + 1)
        entry, label = found[min(draft.taken, len(found) - 1)]
        draft.frame = Frame(entry.table, measure=Measure(Aggregate.SUM, Term(entry.key)))
        draft.noun = f"{label} {word}"
        draft.alternatives = [
            Choice(ChoiceField.METRIC, word, label, f"sum of {spelled(entry.key)}") for entry, label in found
        ]
        finish(draft, None)
        return True
    return False


def _told_apart(draft: Draft, place: int, found: Commented) -> Commented:
    """The one whose other words are said too ("invoiced revenue"), else all."""
    for entry, label in found:
        said = label.lower().split()
        for start in (place - len(said), place + 1):
            if draft.words.says(start, *said):
                draft.words.take(start, start + len(said))
                return [(entry, label)]
    return found


def leave_labels(draft: Draft) -> None:
    """ "invoiced" in "invoiced revenue" tells one revenue from the other; it names no invoices."""
    words = draft.words
    labels = {
        at
        for place in range(len(words))
        if words.is_free(place)
        for _, label in named_in_comments(draft.catalog, words.lemma(place))
        for at in range(place - len(label.split()), place)
        if words.says(place - len(label.split()), *label.lower().split())
    }
    draft.named = [one for one in draft.named if not labels.issuperset(range(one.mention.start, one.mention.end))]
