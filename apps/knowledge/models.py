"""What we know about a data source beyond its schema."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Left, Right

from apps.accounts.models import User
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet
from apps.datasources.models import DataSource

ENDS = 4  # letters at either end of a key that a misspelled one still shares with it


def _part(expression: Any) -> Any:
    return models.GeneratedField(expression=expression, output_field=models.CharField(max_length=400), db_persist=True)


def _word(number: int) -> models.Func:
    """That word of the key, from its end where the number is below zero."""
    return models.Func("key", models.Value(" "), models.Value(number), function="split_part")


class IndexedValue(OrganizationOwned):
    """One distinct value of one text column, so that a question can name it.

    `key` is what spellings of one value share, see `values.value_key`. Its parts are columns of their own because row
    security lets no index over an expression be used.
    """

    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="indexed_values")
    table = models.CharField(max_length=300, help_text="Full name, with the namespace where there is one.")
    column = models.CharField(max_length=150)
    value = models.CharField(max_length=200)
    key = models.CharField(max_length=400, default="", editable=False)
    key_start = _part(Left("key", ENDS))
    key_end = _part(Right("key", ENDS))
    first_word = _part(_word(1))
    last_word = _part(_word(-1))

    class Meta:
        indexes = [
            models.Index(fields=["organization", "data_source", name], name=f"indexed_value_{name}")
            for name in ("key", "key_start", "key_end", "first_word", "last_word", "table")
        ]

    def __str__(self) -> str:
        return f"{self.table}.{self.column} = {self.value}"


class KeyOverlap(OrganizationOwned):
    """Which share of a column's values stands in a column that it seems to refer to, as of the source's last sync.

    A number, and none of the values; see `overlap.py` for how it is measured.
    """

    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="key_overlaps")
    table = models.CharField(max_length=300, help_text="Full name, with the namespace where there is one.")
    column = models.CharField(max_length=150)
    target = models.CharField(max_length=300, help_text="Full name of the table referred to.")
    target_column = models.CharField(max_length=150)
    share = models.FloatField()
    sampled = models.PositiveIntegerField(help_text="How many different values were tried.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "data_source", "table", "column", "target", "target_column"],
                name="key_overlap_unique",
            ),
            models.CheckConstraint(condition=models.Q(share__gte=0, share__lte=1), name="key_overlap_share_is_share"),
        ]

    def __str__(self) -> str:
        return f"{self.table}.{self.column} in {self.target}.{self.target_column}: {self.share:.0%}"


class GlossaryTerm(OrganizationOwned):
    """A word of the organization's own with what it means, in one data source or, without one, in all of them."""

    data_source = models.ForeignKey(
        DataSource, on_delete=models.CASCADE, null=True, blank=True, related_name="glossary_terms"
    )
    term = models.CharField(max_length=100)
    synonyms = models.JSONField(default=list, blank=True)
    definition = models.TextField(blank=True)
    table = models.CharField(max_length=300, blank=True, help_text="Full name of the table that is meant, if one is.")
    column = models.CharField(max_length=150, blank=True)
    value = models.CharField(max_length=200, blank=True, help_text="The stored value that is meant, if one is.")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "data_source", "term"], nulls_distinct=False, name="glossary_term_unique"
            )
        ]

    def __str__(self) -> str:
        return self.term


class VerifiedQueryState(models.TextChoices):
    """Whether a person stands behind it."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    NEEDS_REVIEW = "needs_review"
    RETIRED = "retired"


class VerifiedQueryQuerySet(OrganizationQuerySet["VerifiedQuery"]):
    def approved(self) -> "VerifiedQueryQuerySet":
        return self.filter(state=VerifiedQueryState.APPROVED)


class VerifiedQuery(OrganizationOwned):
    """A question with SQL that a person approved as the right answer to it.

    `schema_version` is the source's when it was last judged; `policy`, `reads` and `limits` say what the SQL read then,
    for whoever wrote or approved it, which decides who may see it; `read_types` are the types of what it read. Where
    one of these is gone or another, it needs review, for `review_reason`.
    """

    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="verified_queries")
    question = models.TextField()
    question_key = models.CharField(max_length=64, editable=False, help_text="Equal for questions of the same words.")
    sql = models.TextField()
    state = models.CharField(max_length=12, choices=VerifiedQueryState, default=VerifiedQueryState.PROPOSED)
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    reviewer = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    difficulty = models.CharField(max_length=20, blank=True, help_text="Empty: by the shape of the SQL.")
    question_class = models.CharField(max_length=40, blank=True, help_text="Empty: by the shape of the SQL.")
    schema_version = models.CharField(max_length=32, blank=True)
    policy = models.CharField(max_length=32, blank=True)
    reads = models.JSONField(null=True)
    limits = models.JSONField(default=dict)
    read_types = models.JSONField(default=dict, help_text="The source's own name of each column's type, by table.")
    review_reason = models.CharField(max_length=500, blank=True)
    names_values = models.BooleanField(default=True, help_text="Does its SQL name values, which rows may hold?")
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = VerifiedQueryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "verified queries"
        indexes = [models.Index(fields=["organization", "data_source", "state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "data_source", "question_key"],
                condition=models.Q(state=VerifiedQueryState.APPROVED),
                name="verified_query_approved_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=VerifiedQueryState.values), name="verified_query_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.question[:80]
