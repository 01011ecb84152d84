"""What a name stands for, and how rows are called."""

from .draft import Draft, Named, NotUnderstood
from .frame import Term


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


def show_rows(draft: Draft, table: str) -> tuple[Term, ...]:
    entry = draft.catalog.tables[table]
    column = entry.name_column
    if column is None or not column.is_name:
        raise NotUnderstood(f"rows of {table} have no name")
    return (Term(column.key),)
