"""What of a model's words people may read as they stand: no link, no markup, nothing encoded, none of our own rules.

They are looked at before values come back into them: an address that the rows hold is the data's own. No Django here.
"""

import re

from apps.llm.pseudonyms import SENTENCE
from apps.queries.prompts.repeating import ENCODED, repeats_rules

LINK = re.compile(r"\b[a-z][a-z0-9+.-]*://|\bwww\.|\b(?:javascript|mailto|data):\S|\]\(|!\[|<[a-z/!]", re.IGNORECASE)


def plain_words(text: str) -> str:
    """The text without the sentences that are more than plain words."""
    return " ".join(one for one in SENTENCE.split(text) if is_plain(one)) if not is_plain(text) else text


def is_plain(text: str) -> bool:
    return not (LINK.search(text) or ENCODED.search(text) or repeats_rules(text))
