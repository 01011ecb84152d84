from django.urls import path

from apps.queries import api, clarification_api

urlpatterns = [
    path("queries", api.QueriesView.as_view()),
    path("queries/<uuid:pk>", api.OneQueryView.as_view()),
    path("queries/<uuid:pk>/events", api.EventsView.as_view()),
    path("queries/<uuid:pk>/result.<str:extension>", api.ResultView.as_view()),
    path("queries/<uuid:pk>/trace", api.TraceView.as_view()),
    path("queries/<uuid:pk>/cancel", api.CancelView.as_view()),
    path("query", api.ShortFormView.as_view()),
    path("clarifications", clarification_api.ClarificationsView.as_view()),
    path("clarifications/<uuid:pk>", clarification_api.OneClarificationView.as_view()),
    path("clarifications/<uuid:pk>/answers", clarification_api.AnswersView.as_view()),
]
