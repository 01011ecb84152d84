"""How often a random wrong number is believed, by what stands beside it.

`python -m tests.queries.prose.false_acceptance` prints the rates over 3 to 50 rows; decision 0248 quotes them.
"""

import random
import sys
from collections import Counter
from decimal import Decimal

from apps.datasources.results import ResultSet
from apps.queries.prose import check
from tests.queries.prose.tables import random_result

# What a sentence may say, with a number {n} that is wrong and names {a} and {b} of rows.
SENTENCES = {
    "nothing beside it": "There were {n} cases.",
    "a name beside it": "{a} has {n} orders.",
    "two names": "{a} has {n} more orders than {b}.",
    "one's own number": "{a} has {o} more orders than {b}.",
    "a total": "In total there were {n} orders.",
    "an average": "On average there were {n} orders.",
    "a superlative": "The highest is {n}.",
    "a share": "{a} accounts for {p}% of the orders.",
    "a change": "From {a} to {b} orders grew by {p}%.",
}
ROWS = (3, 5, 20, 50)
TRIES = 8


def measured(tables: int, seed: int = 1, *, swapped: bool = False) -> dict[str, float]:
    """The share of wrong numbers that were believed, by sentence; numbers that happen to be right do not count.

    `swapped`: the wrong number is not random but another row's, as models mix rows up.
    """
    dice = random.Random(seed)
    believed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for _ in range(tables):
        for row_count in ROWS:
            result = random_result(dice, row_count)
            for what, sentence in SENTENCES.items():
                for _ in range(TRIES):
                    one, other = dice.sample(result.rows, 2)
                    number, percent = dice.randrange(1, 1_000), dice.randrange(1, 100)
                    if swapped:
                        number = dice.choice([row for row in result.rows if row not in (one, other)])[1]
                    if _is_right(what, number, percent, one, other, result):
                        continue
                    text = sentence.format(a=one[0], b=other[0], n=number, p=percent, o=one[1])
                    tried[what] += 1
                    believed[what] += check(text, result).is_honest
    return {what: believed[what] / tried[what] for what in SENTENCES}


def _is_right(what: str, number: int, percent: int, one: tuple, other: tuple, result: ResultSet) -> bool:  # type: ignore[type-arg]
    """Does the sentence happen to be true of the orders?"""
    orders = [Decimal(row[1]) for row in result.rows]
    first, second = Decimal(one[1]), Decimal(other[1])
    truths = {
        "a name beside it": first == number,
        "two names": abs(first - second) == number,
        "one's own number": abs(first - second) == first,
        "a total": sum(orders) == number,
        "an average": abs(sum(orders) / len(orders) - number) <= Decimal("0.5"),
        "a superlative": number in (max(orders), round(max(row[2] for row in result.rows))),
        "a share": abs(first / sum(orders) * 100 - percent) <= Decimal("0.5"),
        "a change": abs((second - first) / first * 100 - percent) <= Decimal("0.5"),
    }
    return truths.get(what, False)


def main() -> None:
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    columns = [measured(tables), measured(tables, swapped=True)]
    print(f"{'':20} {'random':>8} {'swapped':>8}")  # noqa: T201
    for what in SENTENCES:
        print(f"{what:20} {columns[0][what]:8.2%} {columns[1][what]:8.2%}")  # noqa: T201


if __name__ == "__main__":
    main()
