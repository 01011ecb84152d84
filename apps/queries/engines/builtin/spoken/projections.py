"""Several columns of rows: "the names and cities of customers", "employees and their managers"."""

from apps.queries.engines.builtin.plan import ColumnKey

from .comparison_words import comparison_at
from .draft import Draft, Named, Role
from .frame import Frame, Term
from .naming import plural, show_rows
from .paths import is_certain, multiplies, path
from .relations import relate

_BEFORE = frozenset("the a an and , their its all each of for from".split())
_AFTER = frozenset("with and , their its the including along".split())


def projected(draft: Draft) -> bool:
    """Rows with the columns said, in their order."""
    head = next((one for one in draft.named if one.mention.tables and one.role in (Role.LISTED, Role.PLAIN)), None)
    if head is None or len(head.mention.tables) != 1 or any(one.role is Role.COUNTED for one in draft.named):
        return False
    base = head.mention.tables[0]
    before, after = _named_before(draft, head, base), _named_after(draft, head, base)
    if not before and not after:
        return False
    shown = list(before.values()) if before else list(show_rows(draft, base))
    draft.frame = Frame(base, show=(*shown, *after.values()))
    said = [
        draft.words.text(place, draft.named[index].mention.end) for index, place in _starts(draft, [*before, *after])
    ]
    draft.noun = f"{plural(draft, head)} with {' and '.join(said)}".capitalize()
    for index in (*before, *after):
        draft.named[index].is_used = True
        draft.named[index].role = Role.LISTED
    relate(draft, [head, *(draft.named[index] for index in (*before, *after))])
    return True


def _starts(draft: Draft, indexes: list[int]) -> list[tuple[int, int]]:
    return [(index, draft.named[index].mention.start) for index in indexes]


def _named_before(draft: Draft, head: Named, base: str) -> dict[int, Term]:
    """Columns enumerated right before "of customers"."""
    found: dict[int, Term] = {}
    end = head.mention.start
    if not {draft.words.lower(place) for place in range(max(0, end - 2), end)} & {"of", "for", "from"}:
        return found
    for index in range(draft.named.index(head) - 1, -1, -1):
        named = draft.named[index]
        gap = {draft.words.lower(place) for place in range(named.mention.end, end)}
        term = _term(draft, named, base)
        if not gap <= _BEFORE or term is None or named.role not in (Role.LISTED, Role.PLAIN):
            break
        found[index] = term
        end = named.mention.start
    return dict(reversed(found.items()))


def _named_after(draft: Draft, head: Named, base: str) -> dict[int, Term]:
    """Columns enumerated right after the rows: "customers with their email and city"."""
    found: dict[int, Term] = {}
    start = head.mention.end
    for index in range(draft.named.index(head) + 1, len(draft.named)):
        named = draft.named[index]
        gap = [draft.words.lower(place) for place in range(start, named.mention.start)]
        term = _term(draft, named, base)
        if not gap or not set(gap) <= _AFTER or term is None or named.role is not Role.PLAIN:
            break
        if not found and not {"their", "its", "including", "along"} & set(gap):
            break
        if comparison_at(draft.words, named.mention.end) or _has_value(draft, named):
            break
        found[index] = term
        start = named.mention.end
    return found


def _has_value(draft: Draft, named: Named) -> bool:
    end = named.mention.end
    return any(0 <= said.start - end <= 1 for said in draft.values) or draft.words.number(end) is not None


def _term(draft: Draft, named: Named, base: str) -> Term | None:
    """What a name shows of a row: its own column, one of the row it belongs to, or the name of its superior."""
    pointer = named.mention.pointer
    if pointer is not None:
        return pointer.reads(show_rows(draft, base)[0].key) if pointer.key[0] == base else None
    if named.term is not None:
        return named.term
    own = [key for key in named.mention.columns if key[0] == base]
    near = own or [key for key in named.mention.columns if _is_to_one(draft, base, key)]
    if near:
        return Term(near[0]) if len(near) == 1 else None
    tables = [table for table in named.mention.tables if _is_to_one(draft, base, (table, ""))]
    return show_rows(draft, tables[0])[0] if len(tables) == 1 else None


def _is_to_one(draft: Draft, base: str, key: ColumnKey) -> bool:
    steps = path(draft.catalog, base, key[0])
    return bool(steps) and is_certain(steps or (), draft.catalog) and not multiplies(steps or (), draft.catalog)
