"""What forms of one word share: its singular, and a coarse root."""

from functools import lru_cache

_IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "criteria": "criterion",
    "data": "data",
    "series": "series",
    "species": "species",
    "status": "status",
    "statuses": "status",
    "bus": "bus",
    "buses": "bus",
    "gas": "gas",
    "news": "news",
    "lens": "lens",
    "campus": "campus",
    "campuses": "campus",
    "analysis": "analysis",
    "analyses": "analysis",
    "address": "address",
    "aircrafts": "aircraft",
    "movies": "movie",
    "cookies": "cookie",
    "media": "medium",
    "matches": "match",
    "addresses": "address",
    "bonus": "bonus",
    "bonuses": "bonus",
    "lives": "life",
    "knives": "knife",
    "wives": "wife",
    "scarves": "scarf",
    "shelves": "shelf",
    "wolves": "wolf",
    "calves": "calf",
    "halves": "half",
    "hooves": "hoof",
    "loaves": "loaf",
    "thieves": "thief",
    "quizzes": "quiz",
    "indices": "index",
    "staffs": "staff",
    "this": "this",
    "always": "always",
    "headquarters": "headquarter",
    "less": "less",
    "plus": "plus",
    "ids": "id",
    "has": "has",
    "was": "was",
    "does": "does",
    "is": "is",
    "his": "his",
    "its": "its",
    "us": "us",
}
_ROOT_ENDINGS = (
    "ationship",
    "ization",
    "isation",
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ers",
    "ors",
    "ees",
    "ions",
    "ion",
    "ance",
    "ence",
    "ally",
    "ity",
    "ies",
    "ied",
    "ed",
    "er",
    "or",
    "ee",
    "al",
    "ly",
    "es",
    "s",
    "e",
    "y",
    "i",
)


@lru_cache(maxsize=65_536)
def lemma(word: str) -> str:
    """The singular of a lower-case English noun, and other words unchanged: "cities" gives "city"."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zzes", "oes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=65_536)
def root(word: str) -> str:
    """What "directed", "director" and "direction" share; coarse, at least four letters long."""
    word = lemma(word)
    for _ in range(2):
        for ending in _ROOT_ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 4:
                word = word[: -len(ending)]
                break
    return word[:-1] if len(word) > 5 and word[-1] == word[-2] else word
