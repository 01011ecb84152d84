"""Checks what a model wrote about a result: every number is found, recomputed, allowed, or costs its sentence.

How often a wrong number passes is measured by `python -m tests.queries.prose.false_acceptance`; decision 0248 has the
figures. A number without a name, a superlative or an operation beside it is believed only where few rows or many
digits leave little to chance: among fifty rows nearly every number of two digits is some cell or some difference.
"""

from apps.datasources.results import ResultSet
from apps.queries.prose.facts import Facts
from apps.queries.prose.findings import Checked, HonestText, NumberFound, RankClaim, Support
from apps.queries.prose.numbers import Written, numbers_in
from apps.queries.prose.ranks import rank_claims
from apps.queries.prose.sentences import Sentence, sentences_of
from apps.queries.prose.supporting import support_of
from apps.queries.prose.tables import Table, table_of

MOST_CHARACTERS = 10_000


def check(text: str, result: ResultSet, facts: Facts | None = None) -> Checked:
    """A finding for every number of the text and for its claims of rank. Texts are read up to MOST_CHARACTERS."""
    text = text[:MOST_CHARACTERS]
    table, facts = table_of(result), facts or Facts()
    numbers: list[NumberFound] = []
    ranks: list[RankClaim] = []
    for sentence in sentences_of(text, table):
        numbers += _findings(sentence, table, facts)
        ranks += rank_claims(sentence, table)
    return Checked(text, tuple(numbers), tuple(ranks))


def honest(text: str, result: ResultSet, facts: Facts | None = None) -> HonestText:
    """The text without the sentences that hold a number nobody can find, or a wrong claim of rank.

    Sentences are dropped whole: a sentence with a number cut out or put right would be one that nobody wrote.
    """
    text = text[:MOST_CHARACTERS]
    table, facts = table_of(result), facts or Facts()
    kept: list[str] = []
    dropped: list[str] = []
    numbers: list[NumberFound] = []
    ranks: list[RankClaim] = []
    for sentence in sentences_of(text, table):
        checked = Checked(sentence.text, tuple(_findings(sentence, table, facts)), tuple(rank_claims(sentence, table)))
        (kept if checked.is_honest else dropped).append(sentence.text.strip())
        numbers += checked.numbers
        ranks += checked.ranks
    return HonestText(" ".join(kept), tuple(dropped), Checked(text, tuple(numbers), tuple(ranks)))


def _findings(sentence: Sentence, table: Table, facts: Facts) -> list[NumberFound]:
    """Numbers of one sentence, at their places in the whole text."""
    written = [_shifted(one, sentence.start) for one in numbers_in(sentence.text)]
    places = _places(written, sentence, table, facts)
    found = []
    for one in written:
        support, how = support_of(one, sentence, table, facts, places.get(one.span, -1))
        found.append(NumberFound(one.text, one.span, one.value, support, how))
    return found


def _places(written: list[Written], sentence: Sentence, table: Table, facts: Facts) -> dict[tuple[int, int], int]:
    """The turn of each number that a cell must hold, where there are as many as names; else nothing."""
    names = [(name.span[0] + sentence.start, name.span[1] + sentence.start) for name in sentence.named]
    open_numbers = [
        one
        for one in written
        if one.role == "plain"
        and not any(left <= one.span[0] < right for left, right in names)
        and support_of(one, sentence, table, facts, -1)[0] != Support.FACT
    ]
    if len(open_numbers) != len(sentence.named) or len(open_numbers) < 2:
        return {}
    return {one.span: place for place, one in enumerate(open_numbers)}


def _shifted(one: Written, start: int) -> Written:
    return Written(one.text, (one.span[0] + start, one.span[1] + start), one.value, one.step, one.role, one.others)
