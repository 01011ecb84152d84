"""Whose data is it: the base of every model that belongs to an organization."""

from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from apps.common.ids import uuid7

OwnedModel = TypeVar("OwnedModel", bound=models.Model, covariant=True)


class OrganizationQuerySet(models.QuerySet[OwnedModel]):
    """The first call after `.objects` is `for_org(...)`, so that a read names whose rows it wants."""

    def for_org(self, organization: models.Model) -> Self:
        return self.filter(organization=organization)


class OrganizationOwned(models.Model):
    """A row that belongs to one organization and to nobody else."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = OrganizationQuerySet.as_manager()

    class Meta:
        abstract = True
