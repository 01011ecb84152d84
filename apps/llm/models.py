"""Every call to a language model, for cost, limits and the record."""

from django.db import models

from apps.accounts.tenancy import OrganizationOwned


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
