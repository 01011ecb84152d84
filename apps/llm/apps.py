from django.apps import AppConfig


class LlmConfig(AppConfig):
    name = "apps.llm"
    verbose_name = "Models"

    def ready(self) -> None:
        from apps.llm.services import check_models
        from apps.monitoring.health import register_check

        register_check("models", check_models)
