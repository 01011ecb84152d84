"""Signing in on a page."""

from typing import Any

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse

from apps.accounts.rate_limits import TooManyRequests, count_call
from apps.common.errors import Unavailable


class SignInView(LoginView):
    """E-mail and password; limited like the token route."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            count_call(request, "login")
        except (TooManyRequests, Unavailable) as error:
            form = self.get_form()
            form.add_error(None, error.message)
            response = self.render_to_response(self.get_context_data(form=form), status=error.status)
            response["Retry-After"] = str(error.retry_after_seconds)
            return response
        return super().post(request, *args, **kwargs)
