"""Every address of the platform. A trailing slash is accepted on the API and never needed."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.common.api_docs import ApiPage, ApiSchema
from apps.queries.api import ShortFormView

api = [
    path("", include("apps.accounts.urls")),
    path("", include("apps.monitoring.urls")),
    path("", include("apps.llm.urls")),
    path("", include("apps.datasources.urls")),
    path("", include("apps.knowledge.urls")),
    path("", include("apps.queries.urls")),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("api/agent/run", ShortFormView.as_view()),
    path("api/schema", ApiSchema.as_view(), name="schema"),
    path("docs", ApiPage.as_view(url_name="schema"), name="docs"),
    path("admin/login/", RedirectView.as_view(pattern_name="sign-in", query_string=True)),  # one door for all
    path("admin/", admin.site.urls),
    path("", include("apps.accounts.page_urls")),
    path("", include("apps.queries.page_urls")),
]

handler404 = "apps.common.envelope.not_found"
handler500 = "apps.common.envelope.server_error"
