"""Small words by what they do in a question with several meanings."""

from collections.abc import Iterable, Sequence

from apps.knowledge.names import word_set

QUANTIFIERS = frozenset(("each", "every", "all"))
DETERMINERS = frozenset("the a an of any these those our my some its their this".split())
CONJUNCTIONS = frozenset(("and", "or", "&"))
RELATIVES = frozenset(("that", "which", "who", "whom"))
AUXILIARIES = frozenset(
    "do does did has have had is are was were be been being can could will would may might must should".split()
)
PREPOSITIONS = frozenset(
    "by in at on of for from to across with within among amongst through under inside via into during".split()
)
# Words that ask for something that is no list of rows: numbers of rows, extremes, an order, a denial.
BLOCKING = word_set(
    """
    many much number count average avg mean median total sum most least fewest maximum minimum max min highest
    lowest largest smallest biggest longest shortest oldest youngest newest latest earliest cheapest best worst top
    bottom percentage percent ratio share proportion order ordered sort sorted rank ranked alphabetical
    alphabetically ascending descending not no never without except neither nor other another same different
    distinct unique difference between compare versus than if last first half twice
    """
) | {"n't", "don't", "doesn't", "didn't", "isn't", "aren't", "hasn't", "haven't"}
# What one row has apart from the others, and what all have together.
APART = frozenset(
    "separately individually respectively respective own alongside independently apart one-by-one per".split()
)
TOGETHER = frozenset(
    "shared share shares sharing common jointly collectively simultaneously universally alike unanimously single"
    " together identical".split()
)
TOGETHER_PHRASES = (
    ("at", "the", "same", "time"), ("without", "exception"), ("at", "once"), ("as", "a", "group"), ("as", "a", "whole"),
    ("not", "just"), ("not", "only"), ("no", "exception"), ("no", "exceptions"),
)  # fmt: skip
# Words that are orders at the head of a question, whatever they name elsewhere.
IMPERATIVES = frozenset("name list show state give tell report print select output present provide detail".split())
APART_PHRASES = (("at", "a", "time"), ("next", "to"), ("grouped", "by"), ("broken", "down"), ("one", "by", "one"))
# Participles that end in neither -ed nor -ing.
PARTICIPLES = word_set(
    """
    made written born held built sold known taught led grown bought kept based sung paid drawn shot given set put cut
    won worn flown driven seen spoken chosen begun done found lent sent spent run read
    """
)
# Heads of names that say little beside the word before them ("manager name", "opening time").
TAILS = frozenset("name title number date time id code detail minimum minute hour day month year".split())
AGENT_ENDINGS = ("er", "or")
# Words with such an ending that name nobody.
NO_AGENTS = word_set(
    """
    number order color letter paper water floor error weather power tower river gender computer printer flower
    summer winter quarter semester register chapter layer sensor motor corridor center theater newsletter answer
    character filter header folder server poster cover offer other identifier timber leather odor flavor door mirror
    """
)


def places_of_phrases(words: Sequence[str], phrases: Iterable[tuple[str, ...]]) -> set[int]:
    """Every place at which one of these phrases stands."""
    return {
        at
        for phrase in phrases
        for place in range(len(words) - len(phrase) + 1)
        if tuple(words[place : place + len(phrase)]) == phrase
        for at in range(place, place + len(phrase))
    }


def says_one_of(words: Sequence[str], phrases: Iterable[tuple[str, ...]]) -> bool:
    """Whether one of these phrases is said."""
    return bool(places_of_phrases(words, phrases))
