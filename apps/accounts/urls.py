from django.urls import path

from apps.accounts import api_keys_api, invitations_api, members_api, organizations_api, person_api, tokens_api

urlpatterns = [
    path("auth/token", tokens_api.TokenView.as_view()),
    path("auth/token/refresh", tokens_api.TokenRefreshView.as_view()),
    path("auth/token/revoke", tokens_api.TokenRevokeView.as_view()),
    path("auth/sign-out-everywhere", tokens_api.SignOutEverywhereView.as_view()),
    path("auth/password-reset", person_api.PasswordResetView.as_view()),
    path("auth/password-reset/confirm", person_api.PasswordResetConfirmView.as_view()),
    path("me", person_api.MeView.as_view()),
    path("me/password", person_api.PasswordView.as_view()),
    path("me/second-factor", person_api.SecondFactorView.as_view()),
    path("me/second-factor/confirm", person_api.SecondFactorConfirmView.as_view()),
    path("me/second-factor/recovery-codes", person_api.RecoveryCodesView.as_view()),
    path("me/second-factor/remove", person_api.SecondFactorRemoveView.as_view()),
    path("organizations", organizations_api.OrganizationsView.as_view()),
    path("organizations/<uuid:pk>", organizations_api.OneOrganizationView.as_view()),
    path("organizations/<uuid:pk>/deactivate", organizations_api.DeactivateView.as_view()),
    path("organizations/<uuid:pk>/transfer-ownership", organizations_api.TransferView.as_view()),
    path("members", members_api.MembersView.as_view()),
    path("members/<uuid:pk>", members_api.OneMemberView.as_view()),
    path("members/<uuid:pk>/second-factor", members_api.MemberSecondFactorView.as_view()),
    path("invitations", invitations_api.InvitationsView.as_view()),
    path("invitations/accept", invitations_api.AcceptView.as_view()),
    path("invitations/<uuid:pk>", invitations_api.OneInvitationView.as_view()),
    path("invitations/<uuid:pk>/resend", invitations_api.ResendView.as_view()),
    path("api-keys", api_keys_api.ApiKeysView.as_view()),
    path("api-keys/<uuid:pk>", api_keys_api.OneApiKeyView.as_view()),
    path("api-keys/<uuid:pk>/rotate", api_keys_api.RotateView.as_view()),
]
