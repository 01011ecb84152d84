"""Names of several kinds of rows: "firms" that the comments of customers and of suppliers speak of."""

from dataclasses import replace

from apps.clarification.readings import Choice, ChoiceField

from .draft import Draft
from .mentions import comment_nouns


def settle_entity(draft: Draft) -> None:
    """Make the first such name mean one table in each reading."""
    nouns = comment_nouns(draft.catalog)
    for named in draft.named:
        mention = named.mention
        lemma = draft.words.lemma(mention.end - 1)
        tables = [name for name in mention.tables if name in nouns.get(lemma, ((), ()))[0]]
        if len(tables) < 2 or len(tables) < len(mention.tables):
            continue
        draft.alternatives = [
            Choice(
                ChoiceField.ENTITY, draft.words.text(mention.start, mention.end),
                name.rpartition(".")[2].replace("_", " ").capitalize(), _meaning(draft, name),
            )
            for name in tables
        ]  # fmt: skip
        named.mention = replace(mention, tables=(tables[min(draft.taken, len(tables) - 1)],), columns=())
        return


def _meaning(draft: Draft, table: str) -> str:
    comment = draft.catalog.tables[table].table.comment.partition(";")[0]
    return f"{table.rpartition('.')[2]}: {comment[:1].lower()}{comment[1:]}"
