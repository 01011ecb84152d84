"""Words that people exchange around questions ("thanks, that is all"), and about Parley itself ("how are you?")."""

import re

_CORE = frozenset(
    "thanks thank thx ok okay great nice good cool perfect awesome amazing excellent brilliant wow no nope yes "
    "yeah yep sure really hello hi hey bye goodbye see think understand understood got sorry wait moment help "
    "helpful interesting hmm hm correct right wrong fine alright mind done".split()
)
_AROUND = frozenset(
    "you not get it minute second helped helping know job work well wanted want lot much very exactly asked "
    "asking need needed all now a an the that this thats is was are be i me my we let please for your what so too "
    "don t dont do does s have has nothing else more again just oh ah mean means meant makes sense to of morning "
    "evening day problem worries never".split()
)
_TO_US = re.compile(
    r"(?:can|could|would|will) you (?:please )?(?:help me|(?:tell me|sing me|write me) an? (?:joke|story|song|poem))"
    r"|tell me (?:a|another) (?:joke|story|secret)|(?:so )?(?:who|what) are you"
    r"|how are you(?: doing| feeling)?(?: today)?"
    r"|(?:what|who)(?: is| s|) your (?:name|age|job|opinion|favou?rite \w+)|how old are you|where are you from"
    r"|(?:do|did|are|have) you (?:like|love|feel|human|real|alive|happy|sad|married|tired|an? (?:robot|bot|human))\b.*"
    r"|what do you (?:think|like|feel)\b.*|(?:let me|i) (?:think|see)(?: about (?:it|that|this))?"
    r"|i (?:love|like|hate) you|you(?: are| re) (?:\w+ )?\w+"
)
_DOUBT = "are you sure"  # asks how the last answer came about
LONGEST = 12


def is_pleasantry(question: str) -> bool:
    """Whether nothing in the words could be about any data."""
    words = re.sub(r"[^\w]+", " ", question.lower()).split()
    text = " ".join(words)
    if not words or len(words) > LONGEST or text == _DOUBT:
        return False
    is_exchange = set(words) <= _CORE | _AROUND and not _CORE.isdisjoint(words)
    return is_exchange or _TO_US.fullmatch(text) is not None
