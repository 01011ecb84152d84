"""The words by which a sample's database is known as ours: being loaded, or complete in a version.

They stand in the database's comment, so that a killed load is seen for what it is.
"""

NAME = "Tarnholm Trading, sample data of Parley"
LOADING = f"{NAME}: loading"


def complete(version: str) -> str:
    """The comment of a database that holds this version in full."""
    return f"{NAME}: version {version}"


def is_ours(comment: str | None) -> bool:
    """Did we make the database with this comment, in whatever version?"""
    return comment is not None and comment.startswith(NAME)
