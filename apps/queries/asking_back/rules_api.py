"""REST routes of rules. They stand here because who sees a rule is decided as for queries."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.accounts.permissions import READ, REVIEW, Need
from apps.accounts.principal import Principal
from apps.accounts.shapes import page_of
from apps.clarification.models import Rule, RuleState
from apps.clarification.readings import ChoiceField
from apps.clarification.rules import (
    LONGEST_MEANING,
    LONGEST_NAME,
    Meaning,
    approve_rule,
    change_rule,
    may_decide,
    propose_rule,
    reject_rule,
    revoke_rule,
    write_rule,
)
from apps.clarification.ruling import normalised
from apps.common.bodies import checked
from apps.common.pagination import NewestFirst
from apps.common.serializers import StrictCharField, StrictSerializer
from apps.queries.api import QueryView, validated
from apps.queries.seeing import visible_rules

OWN_RULES = Need(Role.VIEWER, "ask")  # a rule of one's own stays one's own whatever one's role becomes
FIELDS = [one.value for one in ChoiceField]
EVERYBODYS, ONES_OWN = "organization", "own"


class RuleChangeSerializer(StrictSerializer):
    """The words of a rule."""

    phrase = StrictCharField(trim_whitespace=True, max_length=LONGEST_NAME)
    label = StrictCharField(trim_whitespace=True, max_length=LONGEST_NAME)  # type: ignore[assignment]
    meaning = StrictCharField(trim_whitespace=True, allow_blank=True, default="", max_length=LONGEST_MEANING)

    def validate_phrase(self, phrase: str) -> str:
        """It is kept in lower case, which may be longer."""
        if len(normalised(phrase)) > LONGEST_NAME:
            raise serializers.ValidationError(f"At most {LONGEST_NAME} characters in lower case.")
        return phrase


class RuleSerializer(RuleChangeSerializer):
    """The body of `POST rules`: a rule for the organization."""

    data_source = StrictCharField(help_text="Name or id of a data source.")
    field = serializers.ChoiceField(choices=FIELDS)


class ReadRuleSerializer(StrictSerializer):
    """What the reviewer read, if it shall be compared with what stands."""

    phrase = StrictCharField(required=False, max_length=LONGEST_NAME)
    label = StrictCharField(required=False, max_length=LONGEST_NAME)  # type: ignore[assignment]
    meaning = StrictCharField(required=False, allow_blank=True, max_length=LONGEST_MEANING)


class RuleFilterSerializer(StrictSerializer):
    """The filters of `GET rules`."""

    state = serializers.ChoiceField(choices=RuleState.values, required=False)
    whose = serializers.ChoiceField(choices=[ONES_OWN, EVERYBODYS], required=False)
    data_source = serializers.CharField(required=False)
    search = serializers.CharField(required=False, max_length=200)
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class RuleShape(serializers.Serializer[Any]):
    """A choice that holds from when it was made: `phrase` means `label`."""

    id = serializers.UUIDField()
    data_source = serializers.CharField()
    state = serializers.ChoiceField(choices=RuleState.choices)
    person = serializers.EmailField(allow_null=True, help_text="whom it holds for; null: the organization")
    field = serializers.ChoiceField(choices=FIELDS)
    phrase = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    meaning = serializers.CharField()
    author = serializers.EmailField(allow_null=True)
    reviewer = serializers.EmailField(allow_null=True)
    revoked_by = serializers.EmailField(allow_null=True)
    clarification = serializers.UUIDField(allow_null=True, help_text="in which the choice was made")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    proposed_at = serializers.DateTimeField(allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    is_mine_to_change = serializers.BooleanField()


def rule_json(rule: Rule, principal: Principal) -> dict[str, Any]:
    """As RuleShape."""
    people = {name: getattr(rule, name) for name in ("person", "author", "reviewer", "revoked_by")}
    moments = ("created_at", "updated_at", "proposed_at", "reviewed_at", "revoked_at")
    times = {name: getattr(rule, name) for name in moments}
    return {
        "id": str(rule.pk),
        "data_source": rule.data_source.name,
        "state": rule.state,
        "field": rule.field,
        "phrase": rule.phrase,
        "label": rule.label,
        "meaning": rule.meaning,
        "clarification": rule.clarification_id and str(rule.clarification_id),
        **{name: user and user.email for name, user in people.items()},
        **{name: moment and moment.isoformat() for name, moment in times.items()},
        "is_mine_to_change": may_decide(rule, principal),
    }


def shown_rules(principal: Principal) -> Any:
    """The rules that this person may see, with all that showing them needs."""
    people = ("person", "author", "reviewer", "revoked_by")
    return visible_rules(principal).select_related("organization", "data_source__organization", *people)


class RuleView(QueryView):
    """Fetches rules that this person may see."""

    def rule(self, pk: uuid.UUID) -> Rule:
        found: Rule = get_object_or_404(shown_rules(self.principal), pk=pk)
        return found

    def answer(self, rule: Rule, status: int = 200) -> Response:
        return Response(rule_json(rule, self.principal), status=status)


class RulesView(RuleView):
    needs = {"GET": READ, "POST": REVIEW}
    filters = tuple(RuleFilterSerializer().fields)

    @extend_schema(operation_id="rules_list", parameters=[RuleFilterSerializer], responses=page_of(RuleShape))
    def get(self, request: Request) -> Response:
        """One's own rules and the organization's, newest first; for reviewers those proposed too."""
        wanted = validated(RuleFilterSerializer, request.query_params.dict())
        rows = shown_rules(self.principal)
        if "state" in wanted:
            rows = rows.filter(state=wanted["state"])
        if "whose" in wanted:
            rows = rows.filter(person=self.principal.user if wanted["whose"] == ONES_OWN else None)
        if "data_source" in wanted:
            rows = rows.filter(data_source=self.source(wanted["data_source"]))
        if "search" in wanted:
            rows = rows.filter(phrase__icontains=wanted["search"])
        page = NewestFirst()
        found: Any = page.paginate_queryset(rows, request, view=self)
        return page.get_paginated_response([rule_json(one, self.principal) for one in found])

    @extend_schema(request=RuleSerializer, responses={201: RuleShape})
    def post(self, request: Request) -> Response:
        """Write a rule for the organization."""
        body = checked(RuleSerializer, request)
        source = self.source(body.pop("data_source"))
        meaning = Meaning(ChoiceField(body.pop("field")), **body)
        return self.answer(write_rule(principal=self.principal, source=source, chosen=meaning), 201)


class OneRuleView(RuleView):
    needs = {"GET": READ, "PATCH": OWN_RULES, "DELETE": OWN_RULES}

    @extend_schema(responses=RuleShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One rule."""
        return self.answer(self.rule(pk))

    @extend_schema(request=RuleChangeSerializer(partial=True), responses=RuleShape)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Change its words: one's own rule, or as a reviewer the organization's. A proposal is withdrawn by it."""
        rule = self.rule(pk)
        body = checked(RuleChangeSerializer, request, partial=True)
        return self.answer(change_rule(rule, principal=self.principal, **body))

    @extend_schema(request=None, responses=RuleShape)
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Revoke it: what it settled is asked again."""
        return self.answer(revoke_rule(self.rule(pk), principal=self.principal))


class ProposeRuleView(RuleView):
    needs = {"POST": OWN_RULES}

    @extend_schema(request=None, responses=RuleShape)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Ask that one's own rule should hold for the organization."""
        return self.answer(propose_rule(self.rule(pk), principal=self.principal))


class ApproveRuleView(RuleView):
    needs = {"POST": REVIEW}

    @extend_schema(request=ReadRuleSerializer, responses=RuleShape)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Make a proposed rule the organization's; words that are given must be those that stand."""
        rule = self.rule(pk)
        return self.answer(approve_rule(rule, principal=self.principal, seen=checked(ReadRuleSerializer, request)))


class RejectRuleView(RuleView):
    needs = {"POST": REVIEW}

    @extend_schema(request=None, responses=RuleShape)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Decline a proposed rule; it stays its owner's."""
        return self.answer(reject_rule(self.rule(pk), principal=self.principal))
