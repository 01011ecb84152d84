from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "apps.knowledge"

    def ready(self) -> None:
        from apps.datasources.services import register_after_sync
        from apps.knowledge.key_overlaps import measure_overlaps
        from apps.knowledge.schema_changes import review_after_sync
        from apps.knowledge.services import index_values

        register_after_sync(review_after_sync)
        register_after_sync(lambda source: (index_values(source), None)[1])
        register_after_sync(measure_overlaps)
