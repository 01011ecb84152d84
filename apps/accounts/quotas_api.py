"""Quotas and usage over REST: what holds for whom, and what is used of it."""

import uuid
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.audit import record_audit
from apps.accounts.models import ApiKey, Measure, Membership, Period, Quota, Subject, UsageCounter, User
from apps.accounts.models.quotas import plain
from apps.accounts.permissions import MANAGE, READ, OrganizationView
from apps.accounts.quotas import Limit, Payer, seconds_left, standing
from apps.common.errors import Conflict, InvalidInput
from apps.common.ids import is_uuid
from apps.common.pagination import NewestFirst
from apps.common.serializers import StrictCharField, StrictSerializer

SET_HERE = [one.value for one in Subject if one is not Subject.ORGANIZATION]


class LimitField(serializers.DecimalField):
    """A number or a text that holds one, from 0."""

    def __init__(self) -> None:
        super().__init__(max_digits=24, decimal_places=8, min_value=Decimal(0))


class QuotaSerializer(StrictSerializer):
    """A new quota. `member` is an e-mail address or a person's id, `api_key` a key's id."""

    subject = serializers.ChoiceField(choices=SET_HERE)
    member = StrictCharField(required=False, max_length=254)
    api_key = serializers.UUIDField(required=False)
    measure = serializers.ChoiceField(choices=Measure.values)
    period = serializers.ChoiceField(choices=Period.values)
    limit = LimitField()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        for subject, field in ((Subject.MEMBER, "member"), (Subject.KEY, "api_key")):
            if (given["subject"] == subject) != (field in given):
                wrong = f"Needed for the subject {subject}, and only for it."
                raise serializers.ValidationError({field: [wrong]})
        return given


class QuotaLimitSerializer(StrictSerializer):
    """Another limit for a quota."""

    limit = LimitField()


class UsageFilterSerializer(StrictSerializer):
    """Which counters to show."""

    measure = serializers.ChoiceField(choices=Measure.values, required=False)
    period = serializers.ChoiceField(choices=Period.values, required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class QuotasView(OrganizationView):
    needs = {"GET": READ, "POST": MANAGE}

    @extend_schema(operation_id="quotas_list", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """What holds for the caller, with what is used of it; for administrators all quotas of the organization too."""
        payer = Payer(self.org, self.principal.user, self.principal.api_key)
        body: dict[str, Any] = {
            "standing": [standing_json(*one) for measure in Measure for one in standing(payer, measure)]
        }
        if self.principal.may(MANAGE.role, MANAGE.scope):
            quotas = Quota.objects.for_org(self.org).select_related("user", "api_key").order_by("id")
            body["results"] = [quota_json(quota) for quota in quotas]
        return Response(body)

    @extend_schema(request=QuotaSerializer, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """A new quota for members or keys. The organization's own is set by the installation."""
        body = QuotaSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        user, api_key = self._member(given.pop("member", None)), self._key(given.pop("api_key", None))
        try:
            with transaction.atomic():
                quota = Quota.objects.create(organization=self.org, user=user, api_key=api_key, **given)
        except IntegrityError as error:
            raise Conflict("There is such a quota already; change its limit.", code="quota_exists") from error
        record_audit("quota.created", principal=self.principal, target=quota, quota=str(quota))
        return Response(quota_json(quota), status=201)

    def _member(self, named: str | None) -> User | None:
        if named is None:
            return None
        members = Membership.objects.for_org(self.org).filter(is_active=True).select_related("user")
        by = {"user_id": named} if is_uuid(named) else {"user__email__iexact": named}
        found = members.filter(**by).first()
        if found is None:
            raise InvalidInput("There is no such member.", details={"member": ["Not a member."]})
        return found.user

    def _key(self, pk: uuid.UUID | None) -> ApiKey | None:
        if pk is None:
            return None
        found: ApiKey | None = ApiKey.objects.for_org(self.org).filter(pk=pk).first()
        if found is None:
            raise InvalidInput("There is no such key.", details={"api_key": ["Not a key of this organization."]})
        return found


class OneQuotaView(OrganizationView):
    needs = {"PATCH": MANAGE, "DELETE": MANAGE}

    @extend_schema(request=QuotaLimitSerializer, responses=OpenApiTypes.OBJECT)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Another limit, from now on."""
        body = QuotaLimitSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        quota = self._quota(pk)
        before, quota.limit = quota.limit, body.validated_data["limit"]
        quota.save(update_fields=["limit"])
        record_audit("quota.changed", principal=self.principal, target=quota, before=f"{before:f}", quota=str(quota))
        return Response(quota_json(quota))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """No such quota any more."""
        quota = self._quota(pk)
        record_audit("quota.deleted", principal=self.principal, target=quota, quota=str(quota))
        quota.delete()
        return Response(status=204)

    def _quota(self, pk: uuid.UUID) -> Quota:
        """A quota that the organization sets itself. Raises Http404, also for the one that the installation set."""
        own = Quota.objects.for_org(self.org).exclude(subject=Subject.ORGANIZATION)
        found: Quota = get_object_or_404(own.select_related("user", "api_key"), pk=pk)
        return found


class UsageView(OrganizationView):
    needs = {"GET": READ}
    filters = tuple(UsageFilterSerializer().fields)

    @extend_schema(operation_id="usage_list", parameters=[UsageFilterSerializer], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """What was used, a row for each organization, member or key, measure and period; others' for administrators."""
        wanted = UsageFilterSerializer(data=request.query_params.dict())
        wanted.is_valid(raise_exception=True)
        lookups = {"since": "starts_on__gte", "until": "starts_on__lte"}
        given = {name: value for name, value in wanted.validated_data.items() if name not in ("cursor", "page_size")}
        rows = UsageCounter.objects.for_org(self.org).filter(
            **{lookups.get(name, name): value for name, value in given.items()}
        )
        if not self.principal.may(MANAGE.role, MANAGE.scope):
            rows = rows.filter(subject_id=self.principal.user.pk)
        page = NewestFirst()
        found: Any = page.paginate_queryset(rows, request, view=self)
        labels = self._labels(found)
        return page.get_paginated_response([usage_json(one, labels) for one in found])

    def _labels(self, counters: list[UsageCounter]) -> dict[uuid.UUID, str]:
        """What people call the subjects of these counters."""
        ids = {one.subject_id for one in counters}
        people = Membership.objects.for_org(self.org).filter(user__in=ids).values_list("user_id", "user__email")
        keys = ApiKey.objects.for_org(self.org).filter(pk__in=ids).values_list("pk", "name")
        return {self.org.pk: self.org.name, **dict(people), **dict(keys)}


def quota_json(quota: Quota) -> dict[str, Any]:
    """A quota as it was set."""
    return {
        "id": str(quota.pk),
        "subject": quota.subject,
        "member": quota.user.email if quota.user else None,
        "api_key": str(quota.api_key_id) if quota.api_key_id else None,
        "measure": quota.measure,
        "period": quota.period,
        "limit": plain(quota.limit),
        "set_by_installation": quota.subject == Subject.ORGANIZATION,
    }


def standing_json(limit: Limit, used: Decimal) -> dict[str, Any]:
    """A limit that holds for the caller now."""
    return {
        "subject": limit.subject,
        "measure": limit.measure,
        "period": limit.period,
        "limit": plain(limit.limit),
        "used": plain(used),
        "remaining": plain(max(Decimal(0), limit.limit - used)),
        "resets_in_seconds": seconds_left(limit.period),
    }


def usage_json(counter: UsageCounter, labels: dict[uuid.UUID, str]) -> dict[str, Any]:
    """One counter; `name` is null for who is no longer here."""
    return {
        "subject": counter.subject,
        "id": str(counter.subject_id),
        "name": labels.get(counter.subject_id),
        "measure": counter.measure,
        "period": counter.period,
        "starts_on": counter.starts_on.isoformat(),
        "amount": plain(counter.amount),
    }
