"""What goes wrong with people, keys and organizations."""

from apps.common.errors import AppError


class SignInRefused(AppError):
    """Who asks could not prove who they are."""

    code = "not_authenticated"
    status = 401


class NotAllowed(AppError):
    """Somebody known asks for what their role, or the installation, does not allow."""

    code = "permission_denied"
    status = 403


class InvitationUnusable(AppError):
    """The token opens no invitation that can still be accepted."""

    code = "invitation_unusable"
    status = 410
