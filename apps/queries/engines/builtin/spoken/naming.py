"""What a name stands for, and how rows are called."""

from apps.knowledge.catalog import ColumnEntry, Kind

from .draft import Draft, Named, NotUnderstood, Role
from .frame import Term

_TITLES = ("title", "detail", "label", "company", "email", "plate", "username", "code", "number")


def table_of(draft: Draft, named: Named) -> str:
    """The table that a name means, or the table of its only column."""
    mention = named.mention
    if len(mention.tables) == 1:
        return mention.tables[0]
    if mention.tables:
        raise NotUnderstood("several tables have this name")
    tables = {key[0] for key in mention.columns}
    if len(tables) != 1:
        raise NotUnderstood("several tables have such a column")
    return tables.pop()


def plural(draft: Draft, named: Named) -> str:
    """The name in the person's words; to say it in the answer is to use it."""
    named.is_used = True
    return draft.words.text(named.mention.start, named.mention.end)


def listed_name(draft: Draft) -> Named | None:
    """What rows are asked for: what a listing word stands before, else the first table named."""
    plain = (named for named in draft.all(Role.PLAIN) if named.mention.tables)
    return draft.one(Role.LISTED) or next(plain, None)


def show_rows(draft: Draft, table: str) -> tuple[Term, ...]:
    """How rows are called: by name, else by what comes near to one, else by their key, which is then said."""
    entry = draft.catalog.tables[table]
    if entry.name_column is not None and entry.name_column.is_name:
        return (Term(entry.name_column.key),)
    shown = _title(draft, table) or entry.id_column
    if shown is None or any(draft.words.lemma(place) == "name" for place in range(len(draft.words))):
        raise NotUnderstood(f"rows of {table} have no name")
    draft.assumptions.append(f"Rows of {table.rpartition('.')[2]} are called by their {' '.join(shown.words)}.")
    return (Term(shown.key),)


def _title(draft: Draft, table: str) -> ColumnEntry | None:
    """A text that tells rows apart though it is no name: a firm, a title, an address."""
    columns = draft.catalog.tables[table].columns
    texts = [column for column in columns if column.kind is Kind.TEXT and not column.is_foreign]
    return next((column for title in _TITLES for column in texts if title in column.words), None)
