from django.apps import AppConfig


class QueriesConfig(AppConfig):
    name = "apps.queries"

    def ready(self) -> None:
        from apps.accounts.load import register_gauge
        from apps.accounts.services import organizations
        from apps.datasources import services as sources
        from apps.monitoring.health import register_check
        from apps.queries import tasks  # noqa: F401  (registers them in every process, for the bell to find)
        from apps.queries.evaluations.gate import check_organization_change, check_source_change
        from apps.queries.work.intake import check_backlog, waiting_queries
        from apps.queries.work.workers import check_workers

        register_check("workers", check_workers)
        register_check("backlog", check_backlog)
        register_gauge(waiting_queries)
        organizations.register_before_change(check_organization_change)
        sources.register_before_change(check_source_change)
