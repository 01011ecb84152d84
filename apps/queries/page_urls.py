from django.urls import path

from apps.queries import pages
from apps.queries.asking_back import rules_pages
from apps.queries.feedback.pages import feedback_part
from apps.queries.record.pages import dossier_file, replay_page, trace_file

urlpatterns = [
    path("", pages.ask_page, name="ask"),
    path("organization", pages.switch_organization, name="switch-organization"),
    path("history", pages.history_page, name="history"),
    path("rules", rules_pages.rules_page, name="rules"),
    path("rules/<uuid:pk>", rules_pages.rule_page, name="rule"),
    path("queries/<uuid:pk>", pages.query_page, name="query"),
    path("queries/<uuid:pk>/feedback", feedback_part, name="query-feedback"),
    path("queries/<uuid:pk>/live", pages.live_part, name="query-live"),
    path("queries/<uuid:pk>/clarification", pages.answer_part, name="query-answer"),
    path("queries/<uuid:pk>/cancel", pages.cancel_page, name="query-cancel"),
    path("queries/<uuid:pk>/replay", replay_page, name="query-replay"),
    path("queries/<uuid:pk>/trace.json", trace_file, name="query-trace"),
    path("queries/<uuid:pk>/dossier.json", dossier_file, name="query-dossier"),
    path("queries/<uuid:pk>/charts/<int:position>.svg", pages.chart_image, name="query-chart"),
    path("queries/<uuid:pk>/result.<str:extension>", pages.result_file, name="query-result"),
]
