from django.urls import path

from apps.accounts import (
    account_pages,
    api_key_pages,
    invitation_pages,
    members_pages,
    password_pages,
    sign_in_pages,
)

urlpatterns = [
    path("sign-in", sign_in_pages.sign_in_page, name="sign-in"),
    path("sign-in/code", sign_in_pages.code_page, name="sign-in-code"),
    path("sign-in/oidc", sign_in_pages.oidc_page, name="oidc"),
    path("sign-in/oidc/callback", sign_in_pages.oidc_callback_page, name="oidc-callback"),
    path("sign-out", sign_in_pages.sign_out_page, name="sign-out"),
    path("password-reset", password_pages.reset_request_page, name="password-reset"),
    path("password-reset/<str:uid>/<str:token>", password_pages.reset_page, name="password-reset-confirm"),
    path("account", account_pages.account_page, name="account"),
    path("account/organization", account_pages.new_organization_page, name="new-organization"),
    path("account/password", account_pages.password_page, name="account-password"),
    path("account/sign-out-everywhere", account_pages.sign_out_everywhere_page, name="sign-out-everywhere"),
    path("account/second-factor", account_pages.enrol_page, name="second-factor"),
    path("account/second-factor/confirm", account_pages.confirm_page, name="second-factor-confirm"),
    path("account/second-factor/codes", account_pages.recovery_codes_page, name="recovery-codes"),
    path("account/second-factor/remove", account_pages.remove_page, name="second-factor-remove"),
    path("api-keys", api_key_pages.keys_page, name="api-keys"),
    path("api-keys/<uuid:pk>", api_key_pages.key_page, name="api-key"),
    path("members", members_pages.members_page, name="members"),
    path("members/invite", members_pages.invite_page, name="invite"),
    path("members/<uuid:pk>", members_pages.member_page, name="member"),
    path("invitations/<uuid:pk>", members_pages.invitation_page, name="invitation"),
    path("invitations/accept", invitation_pages.accept_page, name="accept-invitation"),
    path("organization/settings", members_pages.settings_page, name="organization-settings"),
    path("organization/transfer", members_pages.transfer_page, name="organization-transfer"),
    path("organization/deactivate", members_pages.deactivate_page, name="organization-deactivate"),
]
