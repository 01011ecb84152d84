"""REST routes about oneself: who am I, my password, my second factor."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.attempts import count_password_try, count_reset, count_second_factor_try
from apps.accounts.models import ApiKey, Membership
from apps.accounts.permissions import PersonView
from apps.accounts.rate_limits import RateLimited
from apps.accounts.row_security import across_organizations
from apps.accounts.serializers import (
    CodeSerializer,
    EnrolSerializer,
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
)
from apps.accounts.services.passwords import change_password, request_reset, reset_password
from apps.accounts.services.second_factor import (
    begin_enrolment,
    confirm_enrolment,
    new_recovery_codes,
    remove_second_factor,
)
from apps.accounts.shapes import EnrolmentShape, MeShape, RecoveryCodesShape, me_json
from apps.accounts.tokens_api import OpenView
from apps.common.bodies import checked


class MeView(RateLimited, APIView):
    @extend_schema(responses=MeShape)
    def get(self, request: Request) -> Response:
        """Who am I, and where? With a key, only its organization."""
        user: Any = request.user
        rows = Membership.objects.live().filter(user=user).select_related("organization")
        if isinstance(request.auth, ApiKey):
            rows = rows.filter(organization=request.auth.organization)
        with across_organizations("the person's own memberships"):
            memberships = list(rows.order_by("organization__slug"))
        return Response(me_json(user, memberships))


class PasswordView(PersonView):
    @extend_schema(request=PasswordChangeSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Change one's password. Every session and token ends, this one too: sign in anew."""
        body = checked(PasswordChangeSerializer, request)
        count_password_try(request, self.person.email)
        change_password(self.person, current=body["current_password"], new=body["new_password"])
        return Response(status=204)


class PasswordResetView(OpenView):
    @extend_schema(request=PasswordResetSerializer, responses={202: None})
    def post(self, request: Request) -> Response:
        """Have a link mailed to set a new password. The answer is the same whether or not there is an account."""
        email = checked(PasswordResetSerializer, request)["email"]
        count_reset(request, email)
        request_reset(email)
        return Response(status=202)


class PasswordResetConfirmView(OpenView):
    @extend_schema(request=PasswordResetConfirmSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password by the mailed link. Every session and token of before ends."""
        body = checked(PasswordResetConfirmSerializer, request)
        reset_password(uid=body["uid"], token=body["token"], new=body["password"])
        return Response(status=204)


class SecondFactorView(PersonView):
    @extend_schema(request=EnrolSerializer, responses={201: EnrolmentShape})
    def post(self, request: Request) -> Response:
        """Begin to set up a second factor. The secret is shown in this answer and never again."""
        body = checked(EnrolSerializer, request)
        count_password_try(request, self.person.email)
        enrolment = begin_enrolment(self.person, password=body["password"])
        return Response({**enrolment._asdict(), "qr_svg": enrolment.qr_svg}, status=201)


class CodeView(PersonView):
    """A view that takes a code of the second factor; tries are counted."""

    def code(self, request: Request) -> str:
        body = checked(CodeSerializer, request)
        count_second_factor_try(request, str(self.person.pk))
        return str(body["code"])


class SecondFactorConfirmView(CodeView):
    @extend_schema(request=CodeSerializer, responses=RecoveryCodesShape)
    def post(self, request: Request) -> Response:
        """Switch the second factor on with a first code. The recovery codes are shown once."""
        return Response({"recovery_codes": confirm_enrolment(self.person, self.code(request))})


class RecoveryCodesView(CodeView):
    @extend_schema(request=CodeSerializer, responses=RecoveryCodesShape)
    def post(self, request: Request) -> Response:
        """New recovery codes in place of the old ones, shown once."""
        return Response({"recovery_codes": new_recovery_codes(self.person, self.code(request))})


class SecondFactorRemoveView(CodeView):
    @extend_schema(request=CodeSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Do without a second factor again, where no organization of one's own requires it."""
        remove_second_factor(self.person, self.code(request))
        return Response(status=204)
