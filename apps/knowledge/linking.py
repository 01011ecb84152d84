"""Links stretches of a question to the tables and columns that they may mean."""

from collections.abc import Sequence

from .catalog import Catalog
from .glossary import Term, add_definitions, term_links
from .lexicon import Lexicon, default_lexicon
from .name_matching import Link, links_of
from .ranking import rank_tables, tables_for
from .said import ROOT, said_words
from .tokens import Token

__all__ = ["ROOT", "Link", "link", "tables_for"]


def link(
    tokens: Sequence[Token],
    catalog: Catalog,
    lexicon: Lexicon | None = None,
    *,
    max_tables: int = 24,
    glossary: Sequence[Term] = (),
) -> list[Link]:
    """All links worth considering, in the order of the question, best first at one place."""
    said = said_words(tokens, lexicon or default_lexicon(), catalog.index)
    add_definitions(said, tokens, glossary)
    if len(catalog.schema.tables) > max_tables:
        catalog = catalog.part(rank_tables(said, tokens, catalog, max_tables))
    links: list[Link] = []
    for name, entry in catalog.tables.items():
        links.extend(links_of(said, tokens, entry.words, entry.words, name, None))
        for column in entry.columns:
            links.extend(links_of(said, tokens, column.words, column.core, name, column.name))
    links.extend(term_links(tokens, glossary, catalog))
    links = [one for one in links if not _only_counts(one, tokens)]
    return sorted(links, key=lambda one: (one.start, -one.quality, -one.end, one.table, one.column or ""))


def _only_counts(link: Link, tokens: Sequence[Token]) -> bool:
    """Whether a link rests on "number" in "number of ships" alone: that asks for a count, not for a column so named."""
    following = tokens[link.end].lemma if link.end < len(tokens) else ""
    return link.end - link.start == 1 and tokens[link.start].lemma in ("number", "count") and following == "of"
