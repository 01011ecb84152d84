from django.urls import path

from apps.knowledge import views

urlpatterns = [
    path("glossary", views.TermsView.as_view()),
    path("glossary/<uuid:pk>", views.OneTermView.as_view()),
]
