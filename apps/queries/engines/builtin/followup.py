"""Whether a question looks like a part of one: too few words, which open as no question of its own does."""

from apps.knowledge.names import word_set

from .analysis import Analysis

LONGEST = 9
_OPENINGS = word_set(
    """
    and what how only now but also just same instead sort order those them of with without for in by top per the
    except excluding not since until before after last this from first share as
    """
)
_ASKING_ANEW = word_set(
    """
    many list show find give which who count return
    """
)


def is_elliptic(analysis: Analysis) -> bool:
    """Whether the words are too few, and open as no question of its own does."""
    words = [token.lemma for token in analysis.tokens if token.text.isalnum()]
    return bool(words) and len(words) <= LONGEST and words[0] in _OPENINGS and not _ASKING_ANEW & set(words[:3])
