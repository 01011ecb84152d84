from django.urls import path

from apps.datasources import views
from apps.datasources.policies import views as policies
from apps.datasources.uploads.views import UploadsView

urlpatterns = [
    path("uploads", UploadsView.as_view()),
    path("data-sources", views.DataSourcesView.as_view()),
    path("data-sources/<uuid:pk>", views.OneDataSourceView.as_view()),
    path("data-sources/<uuid:pk>/test", views.TestView.as_view()),
    path("data-sources/<uuid:pk>/sync", views.SyncView.as_view()),
    path("data-sources/<uuid:pk>/schema", views.SchemaView.as_view()),
    path("data-sources/<uuid:pk>/policies", policies.PoliciesView.as_view()),
    path("data-sources/<uuid:pk>/policies/explain", policies.ExplainView.as_view()),
    path("data-sources/<uuid:pk>/policies/<uuid:policy_pk>", policies.OnePolicyView.as_view()),
]
