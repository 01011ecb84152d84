"""REST routes of signing in and out."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.attempts import count_refresh
from apps.accounts.permissions import PersonView
from apps.accounts.rate_limits import RateLimited
from apps.accounts.serializers import RefreshSerializer, SignInSerializer
from apps.accounts.services.sign_in import sign_in_for_tokens
from apps.accounts.services.sign_out import sign_out_everywhere
from apps.accounts.services.token_families import end_family, read_refresh_token, refresh_pair
from apps.accounts.shapes import PairShape
from apps.accounts.tokens import FAMILY
from apps.common.bodies import checked


class OpenView(RateLimited, APIView):
    """A view for whoever is not signed in yet: no header of theirs is looked at, each call counts as a sign-in."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    rate_group = "login"


class TokenView(OpenView):
    @extend_schema(request=SignInSerializer, responses=PairShape)
    def post(self, request: Request) -> Response:
        """An access and a refresh token for e-mail and password.

        With a second factor and no `otp` the answer is 401 `second_factor_required`.
        """
        return Response(sign_in_for_tokens(request, **checked(SignInSerializer, request))._asdict())


class TokenRefreshView(OpenView):
    @extend_schema(request=RefreshSerializer, responses=PairShape)
    def post(self, request: Request) -> Response:
        """A new pair; the refresh token is spent. Spending it again ends every token of that sign-in."""
        token = read_refresh_token(checked(RefreshSerializer, request)["refresh"])
        count_refresh(request, str(token.get(FAMILY)))
        return Response(refresh_pair(token)._asdict())


class TokenRevokeView(OpenView):
    @extend_schema(request=RefreshSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Sign out: end a refresh token and all that came of the same sign-in. Twice is no error."""
        end_family(checked(RefreshSerializer, request)["refresh"])
        return Response(status=204)


class SignOutEverywhereView(PersonView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End every session and token of one's own, this one too. API keys stay."""
        sign_out_everywhere(self.person)
        return Response(status=204)
