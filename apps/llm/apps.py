from django.apps import AppConfig


class LlmConfig(AppConfig):
    name = "apps.llm"
    verbose_name = "Models"

    def ready(self) -> None:
        from apps.common.sealing import offer_resealing
        from apps.llm import tasks  # noqa: F401  (registers them in every process, for the bell to find)
        from apps.llm.registry_writes import reseal_keys
        from apps.llm.services import check_models
        from apps.monitoring.health import register_check

        offer_resealing(reseal_keys)
        register_check("models", check_models)
