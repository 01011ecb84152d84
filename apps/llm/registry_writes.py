"""What operators change in the registry: audited, and forgotten by this process's memory of rows as it commits."""

import uuid

from django.db import transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.doorbells import wake
from apps.accounts.models import User
from apps.common.connections import release_connection
from apps.common.sealing import reseal, seal
from apps.llm.models import ModelGrade, ModelProvider, RegisteredModel
from apps.llm.registry import all_models
from apps.llm.registry_entries import RegistryBroken
from apps.llm.registry_rows import forget_registered_models, provider_address, sealing_purpose
from apps.llm.self_test import Grade, Mark, grade


@transaction.atomic
def save_provider(
    provider: ModelProvider, *, new_key: str, forget_key: bool, changed: list[str], actor: User
) -> ModelProvider:
    """Keep a provider, and its key where a new one is given, sealed for its address."""
    if new_key:
        provider.sealed_key = seal(new_key, purpose=sealing_purpose(provider, provider_address(provider)))
        provider.key_set_at = timezone.now()
    elif forget_key:
        provider.sealed_key, provider.key_set_at = "", None
    provider.save()
    transaction.on_commit(forget_registered_models)
    record_audit("model_provider.saved", actor=actor, target=provider, key=provider.key, changed=changed)
    return provider


@transaction.atomic
def save_model(model: RegisteredModel, *, changed: list[str], actor: User) -> RegisteredModel:
    """Keep a model."""
    model.save()
    transaction.on_commit(forget_registered_models)
    record_audit("registered_model.saved", actor=actor, target=model, key=model.key, changed=changed)
    return model


@transaction.atomic
def delete_from_registry(row: ModelProvider | RegisteredModel, *, actor: User) -> None:
    """Remove a model, or a provider that has none. What was asked of it before keeps its key on record."""
    is_model = isinstance(row, RegisteredModel)
    transaction.on_commit(forget_registered_models)
    record_audit(
        "registered_model.deleted" if is_model else "model_provider.deleted", actor=actor, target=row, key=row.key
    )
    row.delete()


@transaction.atomic
def ask_for_grade(model: str, *, actor: User) -> ModelGrade:
    """Have a worker put the self-test to a model, by its key."""
    grade = ModelGrade.objects.create(model=model)
    wake("apps.llm.tasks.grade_model_task", str(grade.pk))
    record_audit("model.tested", actor=actor, target=grade, key=model)
    return grade


def carry_out_grade(pk: uuid.UUID) -> None:
    """Put the self-test to the model that the row names, unless that was done. No connection is held meanwhile."""
    row = ModelGrade.objects.filter(pk=pk, finished_at=None).first()
    if row is None:
        return
    try:
        model = all_models()[row.model]
    except KeyError:
        found = Grade(row.model, (Mark("answers", False, "there is no such active model"),))
    except RegistryBroken as error:
        found = Grade(row.model, (Mark("answers", False, error.message),))
    else:
        release_connection()
        found = grade(model)
    keep_grade(row, found)


def keep_grade(row: ModelGrade, found: Grade) -> None:
    """Write down how a self-test went."""
    row.marks = [mark.as_json() for mark in found.marks]
    row.advice = list(found.advice)
    row.calls, row.cost_usd = found.calls, found.cost_usd
    row.prompt_tokens, row.completion_tokens = found.prompt_tokens, found.completion_tokens
    row.median_ms, row.tokens_per_second = found.median_ms, found.tokens_per_second
    row.finished_at = timezone.now()
    row.save()


def reseal_keys() -> int:
    """Bring every provider's key under the newest of CREDENTIALS_KEYS; how many there were."""
    count = 0
    for provider in ModelProvider.objects.exclude(sealed_key=""):
        changed = ModelProvider.objects.filter(pk=provider.pk, sealed_key=provider.sealed_key)
        count += changed.update(sealed_key=reseal(provider.sealed_key))
    return count
