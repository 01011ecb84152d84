from django.urls import path

from apps.queries import api, charts_api
from apps.queries.asking_back import api as clarification_api
from apps.queries.asking_back import rules_api
from apps.queries.conversations import api as conversations
from apps.queries.evaluations import api as evaluations
from apps.queries.evaluations import verified_api as verified
from apps.queries.feedback import api as feedback
from apps.queries.record import api as record_api
from apps.queries.suggestions.api import SuggestionsView

urlpatterns = [
    path("queries", api.QueriesView.as_view()),
    path("queries/<uuid:pk>", api.OneQueryView.as_view()),
    path("queries/<uuid:pk>/events", api.EventsView.as_view()),
    path("queries/<uuid:pk>/result.<str:extension>", api.ResultView.as_view()),
    path("queries/<uuid:pk>/trace", record_api.TraceView.as_view()),
    path("queries/<uuid:pk>/dossier", record_api.DossierView.as_view()),
    path("queries/<uuid:pk>/replay", record_api.ReplayView.as_view()),
    path("queries/<uuid:pk>/charts/<int:number>.<str:extension>", charts_api.ChartImageView.as_view()),
    path("queries/<uuid:pk>/cancel", api.CancelView.as_view()),
    path("queries/<uuid:pk>/feedback", feedback.OwnFeedbackView.as_view()),
    path("feedback", feedback.FeedbackListView.as_view()),
    path("feedback/metrics", feedback.FeedbackMetricsView.as_view()),
    path("feedback/<uuid:pk>/resolve", feedback.ResolveView.as_view()),
    path("query", api.ShortFormView.as_view()),
    path("conversations", conversations.ConversationsView.as_view()),
    path("conversations/similar", conversations.SimilarView.as_view()),
    path("conversations/prune", conversations.PruneView.as_view()),
    path("conversations/<uuid:pk>", conversations.OneConversationView.as_view()),
    path("suggestions", SuggestionsView.as_view()),
    path("clarifications", clarification_api.ClarificationsView.as_view()),
    path("clarifications/<uuid:pk>", clarification_api.OneClarificationView.as_view()),
    path("clarifications/<uuid:pk>/answers", clarification_api.AnswersView.as_view()),
    path("rules", rules_api.RulesView.as_view()),
    path("rules/<uuid:pk>", rules_api.OneRuleView.as_view()),
    path("rules/<uuid:pk>/propose", rules_api.ProposeRuleView.as_view()),
    path("rules/<uuid:pk>/approve", rules_api.ApproveRuleView.as_view()),
    path("rules/<uuid:pk>/reject", rules_api.RejectRuleView.as_view()),
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
