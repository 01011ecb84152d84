"""Every call to a language model, for cost, limits and the record; and the models that operators registered."""

from typing import Any

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models

from apps.accounts.tenancy import OrganizationOwned
from apps.common.ids import uuid7
from apps.llm.kinds import Kind
from apps.llm.spec import DEFAULT_WINDOW_TOKENS


class OfTheInstallation(models.Model):
    """A row that belongs to the installation, not to an organization: operators keep it in the admin site."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class ModelProvider(OfTheInstallation):
    """Who offers models at one address. The key is that of an environment variable, or sealed here for that address."""

    key = models.CharField(
        max_length=60, unique=True, validators=[RegexValidator(r"^[a-z0-9][a-z0-9_-]*$")],
        help_text="Small letters, digits, - and _. Members see it beside the models' names.",
    )  # fmt: skip
    kind = models.CharField(
        max_length=20, choices=[(one.value, one.value) for one in Kind], default=Kind.COMPATIBLE.value
    )
    base_url = models.CharField(max_length=500, blank=True, help_text="Empty: the usual address of the kind.")
    api_version = models.CharField(
        max_length=40, blank=True, help_text="Azure only: a dated version. Empty: its v1 endpoint."
    )
    key_variable = models.CharField(
        max_length=100, blank=True, help_text="Environment variable that holds the key. Empty: the key entered below."
    )
    sealed_key = models.TextField(blank=True, editable=False)
    key_set_at = models.DateTimeField(null=True, editable=False)
    calls_at_once = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="Calls that it takes at a time from all of the platform. Empty: no cap of its own.",
    )  # fmt: skip
    is_active = models.BooleanField(default=True, help_text="No model of an inactive provider is used.")

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class RegisteredModel(OfTheInstallation):
    """A model that operators described in the admin site. Abilities left open are those of the provider's kind."""

    key = models.CharField(max_length=150, unique=True, help_text="What requests and records call it.")
    name = models.CharField(max_length=150, blank=True, help_text="What its endpoint calls it. Empty: the key.")
    provider = models.ForeignKey(ModelProvider, on_delete=models.PROTECT, related_name="models")
    price_in = models.DecimalField(
        max_digits=12, decimal_places=6, default=0, validators=[MinValueValidator(0)],
        help_text="US dollars for a million tokens sent to it.",
    )  # fmt: skip
    price_out = models.DecimalField(
        max_digits=12, decimal_places=6, default=0, validators=[MinValueValidator(0)],
        help_text="US dollars for a million tokens that it answers with.",
    )  # fmt: skip
    window_tokens = models.PositiveIntegerField(
        default=DEFAULT_WINDOW_TOKENS, validators=[MinValueValidator(2_000)],
        help_text="Tokens that prompt and answer may have together.",
    )  # fmt: skip
    takes_schema = models.BooleanField(null=True, blank=True, help_text="Does it answer by a JSON schema?")
    takes_tools = models.BooleanField(null=True, blank=True, help_text="Does it call functions?")
    streams = models.BooleanField(null=True, blank=True, help_text="Does it answer piece by piece?")
    roles = models.JSONField(default=list, blank=True)
    order = models.IntegerField(default=0, help_text="Small ones come first: as defaults and as fallbacks.")
    fallback = models.CharField(
        max_length=150, blank=True,
        help_text="Key of the model to ask where this one fails. Empty: the next of its role; none: no other model.",
    )  # fmt: skip
    tokenizer = models.CharField(
        max_length=500, blank=True, help_text="Path of its tokenizer.json on the servers, to count tokens exactly."
    )
    is_active = models.BooleanField(default=True)
    note = models.TextField(blank=True, help_text="For operators; nobody else reads it.")

    class Meta:
        ordering = ["order", "key"]

    def __str__(self) -> str:
        return self.key


class ModelGrade(OfTheInstallation):
    """One self-test of a model: asked for, then carried out by a worker. `marks` are those of `self_test.Mark`."""

    model = models.CharField(max_length=150)
    finished_at = models.DateTimeField(null=True)
    marks = models.JSONField(default=list)
    advice = models.JSONField(default=list)
    calls = models.PositiveIntegerField(default=0)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    median_ms = models.PositiveIntegerField(null=True)
    tokens_per_second = models.FloatField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["model", "-id"])]

    def __str__(self) -> str:
        return f"{self.model}: {self.summary}"

    @property
    def summary(self) -> str:
        """One line for lists."""
        if self.finished_at is None:
            return "waits for a worker"
        marks: list[dict[str, Any]] = self.marks
        return f"{sum(bool(mark['passed']) for mark in marks)} of {len(marks)}"


class ModelCall(OrganizationOwned):
    """One HTTP exchange with a model's endpoint. `run_id` and `step_id` are the run and step that it was made for."""

    class Outcome(models.TextChoices):
        OK = "ok"
        TIMEOUT = "timeout"
        RATE_LIMITED = "rate_limited"
        REFUSED = "refused"
        UNREACHABLE = "unreachable"
        FAILED = "failed"
        UNUSABLE = "unusable"
        CACHED = "cached"
        CIRCUIT_OPEN = "circuit_open"

    run_id = models.UUIDField(null=True, db_index=True)
    step_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=30)
    model = models.CharField(max_length=150)
    outcome = models.CharField(max_length=15, choices=Outcome)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    duration_ms = models.PositiveIntegerField()
    attempts = models.PositiveSmallIntegerField(default=1)
    correlation_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "created_at"])]

    def __str__(self) -> str:
        return f"{self.model} for {self.purpose}: {self.outcome}"


class ModelExchange(OrganizationOwned):
    """What was said in a call, without secrets and personal data, sealed, for PROMPT_RETENTION_DAYS; see exchanges."""

    call = models.OneToOneField(ModelCall, on_delete=models.CASCADE, related_name="exchange")
    sealed = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["organization", "created_at"])]

    def __str__(self) -> str:
        return f"Prompt of {self.call_id}"
