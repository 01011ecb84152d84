"""Words that are never names or values by themselves, and how well a word must fit to be one."""

LEAST_QUALITY, LEAST_COVERED, SLACK = 0.62, 0.75, 0.12
ROLE_WORDS = frozenset(
    "total sum average mean overall combined number count many much most fewest least highest lowest largest smallest "
    "biggest top maximum minimum max min first last median share percentage percent proportion fraction ratio".split()
)
NO_VALUES = frozenset(
    "no not never none without belong belongs contain contains include includes open have has had new old".split()
)
"""Words that hold another meaning in a question than as a stored value."""
COMMENT_NOUN_SKIPS = frozenset("number total value amount day date name first last true false".split())
GENERIC_WORDS = frozenset("date time day at on minute hour second amount number value total name usd eur".split())
"""Words of a column's name that people leave out: `duration_minutes` is the duration."""
ARTICLES = frozenset("the a an our their its his her all different distinct unique individual own".split())
VERB_COLUMNS = {
    "earn": ("salary", "wage", "income", "pay"),
    "earns": ("salary", "wage", "income", "pay"),
    "cost": ("price", "cost"),
    "costs": ("price", "cost"),
    "weigh": ("weight",),
    "weighs": ("weight",),
    "weighed": ("weight",),
}
"""Verbs that speak of a number column: the first word that a name has decides."""

# Adjectives that judge rows, and verbs of doing so: they are no other word for a name.
LARGE = frozenset("big large huge major sizeable substantial high-value valuable".split())
SMALL = frozenset("small tiny minor little low-value".split())
GOOD = frozenset("good great excellent reliable decent".split())
BAD = frozenset("bad poor unreliable".split())
ACTIVE, INACTIVE = frozenset(("active",)), frozenset(("inactive", "dormant"))
VAGUE = LARGE | SMALL | GOOD | BAD | ACTIVE | INACTIVE
JUDGING = VAGUE | frozenset(("best", "worst", "top", "sell", "sells", "selling"))
