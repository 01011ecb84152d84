from django.urls import path

from apps.monitoring import views

urlpatterns = [
    path("health", views.ReadyView.as_view()),
    path("health/live", views.LiveView.as_view()),
    path("health/ready", views.ReadyView.as_view()),
    path("health/detailed", views.DetailedView.as_view()),
    path("metrics/prometheus", views.prometheus_metrics),
]
