from django.urls import path

from apps.queries import api, clarification_api
from apps.queries.evaluations import api as evaluations
from apps.queries.evaluations import verified_api as verified

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
    path("clarification/analyze", clarification_api.AnalyzeView.as_view()),
    path("clarification/metrics", clarification_api.FiguresView.as_view()),
    path("clarification/health", clarification_api.HealthView.as_view()),
    path("verified-queries", verified.VerifiedQueriesView.as_view()),
    path("verified-queries/<uuid:pk>", verified.OneVerifiedQueryView.as_view()),
    path("verified-queries/<uuid:pk>/approve", verified.ApproveView.as_view()),
    path("verified-queries/<uuid:pk>/retire", verified.RetireView.as_view()),
    path("evaluations", evaluations.EvaluationsView.as_view()),
    path("evaluations/<uuid:pk>", evaluations.OneEvaluationView.as_view()),
    path("evaluations/<uuid:pk>/cases", evaluations.CasesView.as_view()),
    path("evaluations/<uuid:pk>/cancel", evaluations.CancelEvaluationView.as_view()),
    path("evaluations/<uuid:pk>/compare/<uuid:other>", evaluations.CompareView.as_view()),
    path("data-sources/<uuid:pk>/evaluation-requirement", evaluations.RequirementView.as_view()),
]
