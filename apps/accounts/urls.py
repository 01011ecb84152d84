from django.urls import path

from apps.accounts import views
from apps.accounts.audit_api import AuditView

urlpatterns = [
    path("auth/token", views.TokenView.as_view()),
    path("auth/token/refresh", views.TokenRefreshingView.as_view()),
    path("auth/token/revoke", views.TokenRevokeView.as_view()),
    path("me", views.MeView.as_view()),
    path("audit", AuditView.as_view()),
    path("api-keys", views.ApiKeysView.as_view()),
    path("api-keys/<uuid:pk>", views.OneApiKeyView.as_view()),
]
