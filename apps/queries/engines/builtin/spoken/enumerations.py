"""Values of one column that an "and" joins ("Denmark and Finland"), and where they stand."""

from .draft import Draft
from .frame import Fact
from .values_found import Said


def joined_values(draft: Draft, fact: Fact) -> list[Said]:
    """The values of such a condition in the order of the question; none where no "and" stands between the last two."""
    stored = fact.value if isinstance(fact.value, tuple) else ()
    said = [
        one
        for one in sorted(draft.values, key=lambda one: one.start)
        if any(key == fact.term.key and value in stored for key, value in one.places)
    ]
    if len(said) < 2:
        return []
    between = {draft.words.lower(place) for place in range(said[-2].end, said[-1].start)}
    return said if "and" in between else []
