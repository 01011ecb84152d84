from django.urls import path

from apps.llm import views

urlpatterns = [path("models", views.ModelsView.as_view())]
